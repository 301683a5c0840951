import { batchOf, derivativesEngineAbi, placeOf, tradeFillOf } from '@tidemark/sdk';
import {
  type Abi,
  encodeEventTopics,
  formatLog,
  type Hex,
  numberToHex,
  padHex,
  parseEventLogs,
  type RpcLog,
} from 'viem';
import type { Config } from '../config.ts';
import type { ChainClient } from './client.ts';

/** Events by which topic names the account. */
const firstTopic = ['Deposited', 'Withdrawn', 'OrderFilled', 'PositionClosed'] as const;
const secondTopic = ['OrderFailed', 'OrderReleased', 'PositionLiquidated'] as const;
const names = ['BatchCommitted', ...firstTopic, ...secondTopic] as const;

/** Blocks in which a commit is sought among everybody's: more than an order can wait for its price. */
const RECENT = 1_000n;
/** Places of batches asked for in one request. */
const CHUNK = 100;

interface Span {
  from: bigint;
  to: bigint;
}

const signatures = (events: readonly string[]): Hex[] =>
  events.map((eventName) => encodeEventTopics({ abi: derivativesEngineAbi as Abi, eventName })[0] as Hex);
const keyOf = ({ market, index }: { market: bigint; index: bigint }) => `${market}/${index}`;
const word = (value: bigint): Hex => padHex(numberToHex(value), { size: 32 });

type Topics = (Hex | Hex[] | null)[];

async function rawLogs(client: ChainClient, config: Config, { from, to }: Span, topics: Topics) {
  if (from > to) return [];
  const span = { fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  const found = await client.request({ method: 'eth_getLogs', params: [{ address: config.engine, topics, ...span }] });
  return (found as RpcLog[]).map((log) => formatLog(log));
}

async function logsOf(client: ChainClient, config: Config, span: Span, topics: Topics) {
  const logs = await rawLogs(client, config, span, topics);
  return parseEventLogs({ abi: derivativesEngineAbi, eventName: [...names], logs });
}

/** Every keeper fee that a market has had, US cents: a batch's topic names its fee beside its place. */
async function feesOf(client: ChainClient, config: Config, to: bigint): Promise<bigint[]> {
  const logs = await rawLogs(client, config, { from: 0n, to }, [signatures(['MarketConfigured'])]);
  const found = parseEventLogs({ abi: derivativesEngineAbi, eventName: 'MarketConfigured', logs });
  return [...new Set(found.map(({ args }) => args.keeperFeeCents))];
}

export type AccountLog = Awaited<ReturnType<typeof logsOf>>[number];

/**
 * What the engine told of one account in a stretch of blocks, in the chain's order. A commit names its accounts in no
 * topic: those of settled orders are asked for by their place in the queue, those still waiting are among the newest.
 * @param known Whether the commit of a batch has been read before.
 */
export async function accountLogs(
  client: ChainClient,
  config: Config,
  { account, from, to, known }: Span & { account: Hex; known: (market: bigint, index: bigint) => boolean },
): Promise<AccountLog[]> {
  const commit = signatures(['BatchCommitted']);
  const span = { from, to };
  const recent = { from: to - from > RECENT ? to - RECENT : from, to };
  const own = await Promise.all([
    logsOf(client, config, span, [signatures(firstTopic), account]),
    logsOf(client, config, span, [signatures(secondTopic), null, account]),
    logsOf(client, config, recent, [commit]),
  ]);
  const found = own.flat();
  const read = new Set(found.flatMap((log) => (log.eventName === 'BatchCommitted' ? [keyOf(batchOf(log.args))] : [])));
  const missing = found.flatMap(({ eventName, args }) => {
    if (eventName !== 'OrderFilled' && eventName !== 'OrderFailed' && eventName !== 'OrderReleased') return [];
    const { market, index } = eventName === 'OrderFilled' ? tradeFillOf(args) : args;
    return read.has(keyOf({ market, index })) || known(market, index) ? [] : [{ market, index }];
  });
  const fees = missing.length === 0 ? [] : await feesOf(client, config, to);
  const places = missing.flatMap((batch) => fees.map((feeCents) => word(placeOf({ ...batch, feeCents }))));
  const chunks = Array.from({ length: Math.ceil(places.length / CHUNK) }, (_, i) =>
    places.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  const commits = await Promise.all(
    chunks.map((some) => logsOf(client, config, { from: 0n, to }, [commit, [...new Set(some)]])),
  );
  const seen = new Set<string>();
  return [...found, ...commits.flat()]
    .filter((log) => {
      const place = `${log.blockNumber}/${log.logIndex}`;
      if (seen.has(place)) return false;
      seen.add(place);
      return log.eventName === 'BatchCommitted'
        ? log.args.orders.some((order) => order.account === account)
        : log.args.account === account;
    })
    .sort((a, b) =>
      a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : a.blockNumber < b.blockNumber ? -1 : 1,
    );
}
