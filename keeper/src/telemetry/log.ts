import { formatUnits } from 'viem';
import type { KeeperEvent } from '../events.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = 'json' | 'pretty';

const LEVEL_OF: Readonly<Record<KeeperEvent['event'], LogLevel>> = {
  started: 'info',
  sending: 'debug',
  sent: 'info',
  included: 'info',
  reverted: 'warn',
  replaced: 'warn',
  refused: 'info',
  unprofitable: 'info',
  would: 'info',
  reorg: 'warn',
  'rpc-lost': 'warn',
  'rpc-back': 'info',
  'source-lost': 'warn',
  'source-back': 'info',
  'orders-lost': 'warn',
  'orders-back': 'info',
  waiting: 'info',
  turn: 'debug',
  trouble: 'error',
};

export interface LogOptions {
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** What must not be written: replaced wherever it stands. */
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Writes what a keeper tells, a line for each event of the level or above, without secrets. */
export function makeLog({ format, level, secrets, write, now = Date.now }: LogOptions): (event: KeeperEvent) => void {
  const least = LOG_LEVELS.indexOf(level);
  const hide = hider(secrets);
  return (event) => {
    const own = LEVEL_OF[event.event] ?? 'info';
    if (LOG_LEVELS.indexOf(own) < least) return;
    const time = new Date(now()).toISOString();
    const line =
      format === 'json' ? toJson({ time, level: own, ...event }) : `${time} ${own.padEnd(5)} ${toLine(event)}`;
    write(hide(line));
  };
}

/** Replaces secrets in a text. */
export function hider(secrets: readonly string[]): (text: string) => string {
  // The longest first, so that nothing is left of one that contains another.
  const known = [...new Set(secrets)].filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
  return (text) => known.reduce((hidden, secret) => hidden.replaceAll(secret, '[hidden]'), text);
}

/** An event as JSON: whole numbers as text, errors as their line. */
export function toJson(event: object): string {
  return JSON.stringify(event, (key, value) => {
    if (typeof value === 'bigint') return String(value);
    return key === 'why' ? value.line : value;
  });
}

const usd = (value: bigint) => `$${Number(formatUnits(value, 18)).toFixed(4)}`;
const ether = (value: bigint) => `${Number(formatUnits(value, 18)).toPrecision(4)} ETH`;

/** An event for people. */
export function toLine(event: KeeperEvent): string {
  switch (event.event) {
    case 'started':
      return `keeper ${event.address} on chain ${event.chainId} at block ${event.block}`;
    case 'turn':
      return `block ${event.block} done`;
    case 'trouble':
      return `trouble: ${event.why.line}`;
    case 'source-lost':
      return `price service lost: ${event.why.line}`;
    case 'source-back':
      return `price service back: ${event.source}`;
    case 'orders-lost':
      return `order service lost: ${event.why.line}`;
    case 'orders-back':
      return `order service back: ${event.source}`;
    case 'rpc-lost':
      return `RPC lost: ${event.why.line}`;
    case 'rpc-back':
      return `RPC back: ${event.rpc}`;
    case 'reorg':
      return `reorg: the chain went another way, from block ${event.from} to block ${event.to}`;
    case 'waiting': {
      const { proposal, waits, until } = event.waiting;
      return `proposal ${proposal} waits ${waits}, until ${new Date(Number(until) * 1000).toISOString()}, in ${until - event.now} s`;
    }
    case 'refused':
      return `${event.action.key}: ${event.why.line}`;
    case 'sending':
      return `${event.action.key}: sending`;
    case 'sent':
      return `${event.action.key}: sent ${event.hash}`;
    case 'replaced':
      return `${event.action.key}: ${event.hash} was stuck, ${event.cancelled ? 'cancelled' : 'replaced'} by ${event.by}`;
    case 'unprofitable':
      return `${event.action.key}: not sent, it costs ${usd(event.cost)} and brings ${usd(event.reward)}`;
    case 'would':
      return `${event.action.key}: would be sent, costs ${usd(event.cost)} and brings ${usd(event.reward)}`;
    case 'included':
    case 'reverted': {
      const cost = `${event.gasUsed} gas, ${ether(event.l2Fee)} and ${ether(event.l1Fee)} for L1 data`;
      const brought = event.event === 'included' ? `, brought ${usd(event.reward)}` : '';
      return `${event.action.key}: ${event.event} in block ${event.block}, ${cost}${brought}`;
    }
  }
}
