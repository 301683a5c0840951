import { derivativesEngineAbi, placeOf } from '@tidemark/sdk';
import { encodeAbiParameters, encodeEventTopics, type GetEventArgs, type Hex } from 'viem';
import type { Market, Order, Position } from '../../../sdk/src/math/index.ts';
import { pack } from '../../../sdk/src/model/encodeStorage.ts';

/** What an event says, without where. */
export interface PlainLog {
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

type Events = Extract<(typeof derivativesEngineAbi)[number], { type: 'event' }>;
type Name = Events['name'];
type Arguments<name extends Name> = GetEventArgs<
  typeof derivativesEngineAbi,
  name,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>;

const EVENTS = new Map<string, Events>(
  derivativesEngineAbi.flatMap((item) => (item.type === 'event' ? [[item.name, item]] : [])),
);

/** An event of the engine as a log. @param args By their names, indexed ones included. */
export function logOf<name extends Name>(eventName: name, args: Arguments<name>): PlainLog {
  const event = EVENTS.get(eventName) as Events;
  const topics = encodeEventTopics({ abi: [event], eventName, args } as never) as Hex[];
  const rest = event.inputs.filter(({ indexed }) => !indexed);
  const values = rest.map(({ name }) => (args as unknown as Record<string, unknown>)[name]);
  return { topics, data: encodeAbiParameters(rest, values as never) };
}

/** The three words of a market, as `MarketUpdated` and `BatchesSettled` tell them. */
export const marketWords = (m: Market) => ({
  interest: pack([m.longs, 88], [m.shorts, 88], [m.accruedAt, 40], [m.indexAt, 40]),
  pricing: pack([m.funding, 96], [m.index, 96], [m.fundingRate, 56]),
  totals: pack([m.cash, 152], [m.skewSeconds, 104]),
});

/** What was bought, and what stays of the position. Scales as of the SDK's `TradeFill`. */
export interface Fill {
  readonly sizeDelta: bigint;
  readonly cost: bigint;
  readonly position: Position;
}

const changeWords = ({ sizeDelta, cost, position: p }: Fill) => ({
  change: pack([sizeDelta, 88], [cost, 168]),
  position: pack([p.size, 88], [p.cash, 136], [p.checkpoint, 16], [p.generation, 16]),
});

interface Paid {
  readonly market: bigint;
  readonly account: Hex;
  readonly fee: bigint;
  readonly margin: bigint;
  readonly poolPays: bigint;
}

/** @param place In the market's queue; null of a position that its owner closed at once. */
export function fillLog(fill: Fill, { market, account, fee, margin, poolPays }: Paid, place: bigint | null): PlainLog {
  const paid = pack([margin, 96], [fee, 96], [place ?? 0n, 40], [market, 24]);
  return logOf(place === null ? 'PositionClosed' : 'OrderFilled', { account, ...changeWords(fill), paid, poolPays });
}

/** Of an account with one position. @param margin What stays of it. */
export function liquidationLog(fill: Fill, market: bigint, account: Hex, penalty: bigint, margin: bigint): PlainLog {
  const paid = pack([penalty, 128], [penalty, 127], [1n, 1]);
  return logOf('PositionLiquidated', { market, account, ...changeWords(fill), paid, left: pack([margin, 128]) });
}

/** @param feeCents Of each order. */
export const committedLog = (market: bigint, index: bigint, feeCents: bigint, orders: readonly Order[]): PlainLog =>
  logOf('BatchCommitted', { place: placeOf({ market, index, feeCents }), orders });

/** @param fees Of the keeper, halves of US cents. */
export function settledLog(
  market: bigint,
  words: Market,
  keeper: Hex,
  poolCash: bigint,
  margin: bigint,
  fees: bigint,
): PlainLog {
  const cash = pack([poolCash, 96], [margin, 96], [fees, 64]);
  return logOf('BatchesSettled', { market, keeper, ...marketWords(words), cash });
}
