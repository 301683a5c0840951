/** What clients may have of a gateway, so that none of them can take it from the others. */
export interface GatewayLimits {
  /** Operations that run at once: one where the database is in this process, as many as it reads at once where it is not. */
  readonly atOnce: number;
  /** Operations of one address that wait for their turn. */
  readonly waiting: number;
  /** Requests and messages of an address: each second, and what it may save up. */
  readonly rate: { readonly perSecond: number; readonly burst: number };
  /** Bytes of a request's body or of a message. */
  readonly body: number;
  /** Bytes of a request's headers, its address with a GET's document included. */
  readonly headers: number;
  /** Connections at once, and of one address. */
  readonly connections: { readonly total: number; readonly perAddress: number };
  /** Subscriptions at once, of one address and of one connection. */
  readonly subscriptions: { readonly total: number; readonly perAddress: number; readonly perConnection: number };
  /** Bytes of one subscription's result. */
  readonly result: number;
  /** Bytes that may wait for a client that does not read. */
  readonly unread: number;
  /** Milliseconds within which a client has to take what was sent. */
  readonly drain: number;
  /** Milliseconds between two signs of life; a client that does not answer one before the next is gone. */
  readonly heartbeat: number;
  /** Milliseconds within which a request has to be here, and a WebSocket has to begin. */
  readonly request: number;
  /** Milliseconds without a new block after which a gateway is not healthy. */
  readonly silence: number;
  /** Blocks behind the chain from which a gateway is not healthy. */
  readonly behind: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  atOnce: 1,
  waiting: 64,
  rate: { perSecond: 100, burst: 500 },
  body: 320_000,
  headers: 16_384,
  connections: { total: 4_000, perAddress: 256 },
  subscriptions: { total: 5_000, perAddress: 500, perConnection: 50 },
  result: 256_000,
  unread: 4_000_000,
  drain: 20_000,
  heartbeat: 12_000,
  request: 10_000,
  silence: 60_000,
  behind: 30,
};
