import {
  type Address,
  BaseError,
  createTransport,
  type Hash,
  http,
  LimitExceededRpcError,
  ResponseBodyTooLargeError,
  type Transport,
  webSocket,
} from 'viem';
import { RpcUnreachableError, type TidemarkError, toTidemarkError } from '../errors/index.ts';
import { RpcBehindError, WrongChainError } from './rpcErrors.ts';

/** What is told of an RPC, once each time; of its address only the host, since a path may hold a key. */
export type RpcEvent = { event: 'rpc-lost'; rpc: string; why: TidemarkError } | { event: 'rpc-back'; rpc: string };

export interface RpcsOptions {
  /** The preferred one first. */
  readonly urls: readonly string[];
  /** Of whom a call is that names no caller. Chains that charge calls for L1 data take none of an empty account. */
  readonly caller?: Address;
  /** The chain that all of them must be of; that of the first that answers when left out. */
  readonly chainId?: number;
  /** Milliseconds after which an RPC counts as silent (default 5,000). */
  readonly timeoutMs?: number;
  readonly onEvent?: (event: RpcEvent) => void;
}

const DEFAULT_TIMEOUT_MS = 5_000;
/** Milliseconds until a lost RPC is tried again, doubled each time. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 32_000;
/** Blocks that an RPC may be behind when it is to serve again. */
const MAX_LAG = 2n;
/** Blocks whose hashes are remembered. */
const MEMORY = 256n;

interface Rpc {
  readonly name: string;
  readonly request: Request;
  loss: TidemarkError | null;
  retryAt: number;
  losses: number;
  probing: boolean;
  /** Whether it was seen to be of the right chain. */
  proven: boolean;
}

type Request = (args: { method: string; params?: unknown }) => Promise<unknown>;

interface Head {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
}

/**
 * Several RPCs of one chain, the preferred one first: the first that serves is asked. One that does not answer is lost: it
 * is passed over and tried again beside the others. viem's own fallback waits for a silent one at every request, and
 * takes whatever head the next one has; here the newest block never goes back to one that is known: an RPC that is behind
 * is passed over, and a reorganisation is believed of a block at a height that was known with another hash only.
 */
export class Rpcs {
  readonly #rpcs: readonly Rpc[];
  readonly #options: RpcsOptions;
  #chainId: number | undefined;
  readonly #hashes = new Map<bigint, Hash>();
  #head: Head | undefined;
  readonly #probes = new Set<Promise<void>>();

  constructor(options: RpcsOptions) {
    this.#options = options;
    this.#chainId = options.chainId;
    this.#rpcs = options.urls.map((url) => {
      const config = { retryCount: 0, timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS };
      const transport = /^wss?:/.test(url) ? webSocket(url, config) : http(url, { ...config, batch: true });
      const name = URL.canParse(url) ? new URL(url).origin : 'no address';
      const request = transport({ retryCount: 0 }).request as Request;
      return { name, request, loss: null, retryAt: 0, losses: 0, probing: false, proven: false };
    });
  }

  /**
   * Asks each of which chain it is.
   * @returns The chain's id.
   * @throws {WrongChainError} when one is of another. {@link RpcUnreachableError} when none answers.
   */
  async open(): Promise<number> {
    const asked = await Promise.all(
      this.#rpcs.map(async (rpc) => ({ rpc, answer: await this.#chainOf(rpc).catch((error: unknown) => error) })),
    );
    const failure = asked[0]?.answer;
    if (!asked.some(({ answer }) => typeof answer === 'number')) throw toTidemarkError(failure);
    for (const { rpc, answer } of asked) {
      if (typeof answer === 'number') {
        this.#chainId ??= answer;
        if (answer !== this.#chainId) throw new WrongChainError(rpc.name, answer, this.#chainId);
        rpc.proven = true;
      } else this.#lose(rpc, toTidemarkError(answer));
    }
    return this.#chainId as number;
  }

  /** For clients. */
  readonly transport: Transport = () =>
    createTransport({
      key: 'rpcs',
      name: 'Several RPCs',
      type: 'rpcs',
      retryCount: 0,
      request: ((args: { method: string; params?: unknown }) => this.#request(args)) as never,
    });

  /** Resolves when no lost RPC is being tried. */
  async idle(): Promise<void> {
    await Promise.all(this.#probes);
  }

  async #request(args: { method: string; params?: unknown }): Promise<unknown> {
    const { caller } = this.#options;
    const asked = caller ? withCaller(args, caller) : args;
    const isHead = args.method === 'eth_getBlockByNumber' && (args.params as unknown[])?.[0] === 'latest';
    if (isHead) this.#probe();
    const serving = this.#rpcs.filter(({ loss }) => !loss);
    // When none serves, any that is not known to be of another chain may have come back.
    const lost = this.#rpcs.filter(({ loss }) => loss && !(loss instanceof WrongChainError));
    let failure: unknown = this.#rpcs[0]?.loss;
    for (const rpc of [...serving, ...lost]) {
      try {
        if (!rpc.proven) await this.#prove(rpc);
        const answer = await rpc.request(asked);
        if (isHead) await this.#accept(rpc, toHead(answer));
        if (rpc.loss) this.#regain(rpc);
        return answer;
      } catch (error) {
        if (!isLoss(error)) throw error;
        failure = error;
        this.#lose(rpc, toTidemarkError(error));
      }
    }
    throw failure;
  }

  async #chainOf(rpc: Rpc): Promise<number> {
    return Number(await rpc.request({ method: 'eth_chainId' }));
  }

  /** @throws {WrongChainError} */
  async #prove(rpc: Rpc): Promise<void> {
    const chainId = await this.#chainOf(rpc);
    this.#chainId ??= chainId;
    if (chainId !== this.#chainId) throw new WrongChainError(rpc.name, chainId, this.#chainId);
    rpc.proven = true;
  }

  /**
   * Takes a newest block, unless it goes back or aside without proof.
   * @throws {RpcBehindError}
   */
  async #accept(rpc: Rpc, head: Head): Promise<void> {
    const known = this.#head;
    if (known && this.#rpcs.length > 1) {
      const same = this.#hashes.get(head.number);
      const parent = this.#hashes.get(head.number - 1n);
      const aside = (same !== undefined && same !== head.hash) || (parent !== undefined && parent !== head.parentHash);
      const behind = head.number < known.number && !aside;
      if (behind || (aside && (await this.#isContradicted(rpc, known)))) {
        throw new RpcBehindError(rpc.name, head.number, known.number);
      }
      if (aside) this.#hashes.clear();
    }
    this.#head = head;
    this.#hashes.set(head.number, head.hash).set(head.number - 1n, head.parentHash);
    this.#hashes.delete(head.number - MEMORY);
  }

  /** Whether another RPC that serves still holds the chain that was known. */
  async #isContradicted(rpc: Rpc, { number, hash }: Head): Promise<boolean> {
    const params = [`0x${number.toString(16)}`, false];
    const others = this.#rpcs.filter((one) => one !== rpc && !one.loss && one.proven);
    const told = await Promise.all(
      others.map((one) => one.request({ method: 'eth_getBlockByNumber', params }).catch(() => null)),
    );
    return told.some((block) => block !== null && toHead(block).hash === hash);
  }

  /** Tries lost RPCs whose time has come, beside what is going on: a silent one must not hold up the others. */
  #probe(): void {
    if (!this.#rpcs.some(({ loss }) => !loss)) return;
    for (const rpc of this.#rpcs) {
      if (!rpc.loss || rpc.probing || Date.now() < rpc.retryAt) continue;
      rpc.probing = true;
      const probe = this.#try(rpc)
        .then(() => this.#regain(rpc))
        .catch((error) => this.#lose(rpc, toTidemarkError(error)))
        .finally(() => {
          rpc.probing = false;
          this.#probes.delete(probe);
        });
      this.#probes.add(probe);
    }
  }

  async #try(rpc: Rpc): Promise<void> {
    await this.#prove(rpc);
    const head = toHead(await rpc.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }));
    const known = this.#head;
    if (!known) return;
    const same = this.#hashes.get(head.number);
    if (head.number + MAX_LAG < known.number || (same !== undefined && same !== head.hash)) {
      throw new RpcBehindError(rpc.name, head.number, known.number);
    }
  }

  #lose(rpc: Rpc, why: TidemarkError): void {
    rpc.retryAt = Date.now() + Math.min(FIRST_RETRY_MS * 2 ** Math.min(rpc.losses, 10), LAST_RETRY_MS);
    rpc.losses++;
    // It may come back as the RPC of another chain.
    rpc.proven = false;
    const isNew = !rpc.loss;
    rpc.loss = why;
    if (isNew) this.#options.onEvent?.({ event: 'rpc-lost', rpc: rpc.name, why });
  }

  #regain(rpc: Rpc): void {
    if (!rpc.loss) return;
    rpc.loss = null;
    rpc.losses = 0;
    this.#options.onEvent?.({ event: 'rpc-back', rpc: rpc.name });
  }
}

/** Whether an RPC is to be passed over, rather than the call refused. */
function isLoss(error: unknown): boolean {
  if (error instanceof WrongChainError || error instanceof RpcBehindError) return true;
  // Who asks for too much has to ask for less: another RPC says the same.
  if (error instanceof BaseError && error.walk((inner) => inner instanceof ResponseBodyTooLargeError)) return false;
  return error instanceof LimitExceededRpcError || toTidemarkError(error) instanceof RpcUnreachableError;
}

function toHead(block: unknown): Head {
  const { number, hash, parentHash } = block as { number: string; hash: Hash; parentHash: Hash };
  return { number: BigInt(number), hash, parentHash };
}

function withCaller(args: { method: string; params?: unknown }, from: Address) {
  if (args.method !== 'eth_call') return args;
  const [call, ...rest] = args.params as [{ from?: Address }, ...unknown[]];
  return { ...args, params: [{ from, ...call }, ...rest] };
}
