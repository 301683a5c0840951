import { derivativesEngineAbi, priceOracleAbi, widen } from '@tidemark/sdk';
import type { Address, Hex } from 'viem';
import type { MarketSnapshot, OracleRules, Quote } from '../snapshot.ts';
import type { Reader } from './reader.ts';

/** Batches read from the head of a queue. */
const MAX_PENDING = 64n;
/** A feed's bounds have 8 decimals. */
const BOUND_SCALE = 10n ** 10n;

/** What the chain tells of a market. */
export interface ReadMarket extends Omit<MarketSnapshot, 'quote' | 'pushed' | 'observedAt' | 'pending'> {
  /** Pyth's feed. */
  readonly feed: Hex;
  /** The first place of the queue that is not passed. */
  readonly head: bigint;
  /** The price that the oracle observed last. */
  readonly lastGood: bigint;
  readonly pending: readonly { readonly index: bigint; readonly committedAt: bigint }[];
}

/** @throws {TidemarkError} when the chain cannot be read. */
export async function readMarket(
  reader: Reader,
  { engine, oracle, id }: { engine: Address; oracle: Address; id: number },
): Promise<ReadMarket> {
  const own = { address: engine, abi: derivativesEngineAbi } as const;
  const asked = { address: oracle, abi: priceOracleAbi } as const;
  const args = [BigInt(id)] as const;
  const [market, config, queue, schedule, settlesAt, explained, feed, closingPrice] = await Promise.all([
    reader.read({ ...own, functionName: 'getMarket', args }),
    reader.read({ ...own, functionName: 'getMarketConfig', args }),
    reader.read({ ...own, functionName: 'getQueue', args }),
    reader.read({ ...own, functionName: 'getSchedule', args }),
    reader.read({ ...own, functionName: 'settlesAt', args }),
    reader.read({ ...asked, functionName: 'explain', args }),
    reader.read({ ...asked, functionName: 'getFeed', args }),
    reader.read({ ...asked, functionName: 'closingPrice', args }),
  ]);
  const [head, tail] = [BigInt(queue.head), BigInt(queue.tail)];
  const length = tail - head < MAX_PENDING ? tail - head : MAX_PENDING;
  const pending = await Promise.all(
    Array.from({ length: Number(length) }, async (_, i) => {
      const index = head + BigInt(i);
      const { committedAt } = await reader.read({ ...own, functionName: 'getQueueItem', args: [BigInt(id), index] });
      return { index, committedAt: BigInt(committedAt) };
    }),
  );
  const { from, to, ...times } = schedule;
  return {
    id,
    market: widen(market),
    config: widen(config),
    keeperFeeCents: BigInt(queue.keeperFeeCents),
    schedule: schedule.endsAt === 0 ? null : { ...widen(times), from: widen(from), to: widen(to) },
    settlesAt,
    closingPrice,
    pending,
    head,
    feed: feed.pythId,
    lastGood: explained.lastGood,
    state: explained.state,
    storedAt: explained.quote.time,
    stored: toQuote(explained.quote),
    anchor: toQuote(explained.anchor),
    rules: rulesOf(feed, explained),
  };
}

interface Source {
  readonly value: bigint;
  readonly confidence: bigint;
  readonly time: bigint;
}

function toQuote({ value, confidence, time }: Source): Quote | null {
  return value === 0n ? null : { price: value, confidence, publishTime: time };
}

function rulesOf(
  feed: { thresholdPpm: number; haltPpm: number; strainConfidencePpm: number; floor: bigint; ceiling: bigint },
  explained: {
    standing: { haltedAt: number; breakerFrom: number; breakerUntil: number };
    anchor: Source;
    sequencer: number;
    mean: bigint;
  },
): OracleRules {
  const { standing, anchor, sequencer, mean } = explained;
  return {
    thresholdPpm: BigInt(feed.thresholdPpm),
    haltPpm: BigInt(feed.haltPpm),
    strainConfidencePpm: BigInt(feed.strainConfidencePpm),
    floor: feed.floor * BOUND_SCALE,
    ceiling: feed.ceiling * BOUND_SCALE,
    anchorOutside: anchor.value === 0n && anchor.time !== 0n,
    haltedAt: BigInt(standing.haltedAt),
    breakerFrom: BigInt(standing.breakerFrom),
    breakerUntil: BigInt(standing.breakerUntil),
    sequencer,
    mean,
  };
}
