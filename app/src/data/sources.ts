import { aggregatorAbi, getFeed, onChain, priceOracleAbi, RpcFailedError, RpcUnreachableError } from '@tidemark/sdk';
import { PriceMath, type Quote } from '@tidemark/sdk/math';
import { type Address, zeroAddress } from 'viem';
import { readContract } from 'viem/actions';
import type { Config } from '../config.ts';
import type { ChainClient } from './client.ts';
import type { PriceSources, Sequencer } from './oracle.ts';

/** Seconds after the sequencer's return during which no order settles. */
const GRACE = 600;

/** Where the oracle looks; the same for the life of the page. */
export interface Feeds {
  byMarket: ReadonlyMap<number, getFeed.ReturnType>;
  uptime: Address;
}

export async function readFeeds(client: ChainClient, config: Config): Promise<Feeds> {
  const [uptime, ...feeds] = await Promise.all([
    readContract(client, { address: config.oracle, abi: priceOracleAbi, functionName: 'uptimeFeed' }),
    ...config.markets.map(({ id }) => getFeed(client, { oracle: config.oracle, market: BigInt(id) })),
  ]);
  return { uptime, byMarket: new Map(config.markets.map(({ id }, i) => [id, feeds[i] as getFeed.ReturnType])) };
}

interface Moment {
  blockNumber: bigint;
  /** Seconds. */
  timestamp: number;
}

/** The newest round of a feed, or null where it does not answer. */
async function readRound(client: ChainClient, address: Address, blockNumber: bigint) {
  try {
    const call = { address, abi: aggregatorAbi, functionName: 'latestRoundData', blockNumber } as const;
    const [, answer, startedAt, updatedAt] = await onChain(() => readContract(client, call));
    return { answer, startedAt: Number(startedAt), updatedAt: Number(updatedAt) };
  } catch (error) {
    if (error instanceof RpcUnreachableError || error instanceof RpcFailedError) throw error;
    return null;
  }
}

type Round = Awaited<ReturnType<typeof readRound>>;

/** What the oracle makes of a round: no value where it is missing, not credible or older than 1.1 heartbeats. */
export function anchorOf(round: Round, feed: getFeed.ReturnType, now: number): Quote {
  const none = { value: 0n, confidence: 0n, time: 0n };
  if (!round || round.answer <= 0n || round.updatedAt === 0 || round.updatedAt > now) return none;
  if (now - round.updatedAt > Math.floor((feed.heartbeat * 11) / 10)) return none;
  const value = PriceMath.toWad(round.answer, BigInt(feed.decimals));
  if (value < feed.floor || value > feed.ceiling) return none;
  return { value, confidence: 0n, time: BigInt(round.updatedAt) };
}

/** What the oracle makes of the uptime feed's round; without a feed the sequencer counts as up. */
export function sequencerOf(round: Round, now: number): Sequencer {
  if (!round) return 'unreadable';
  if (round.answer !== 0n || round.startedAt === 0) return 'down';
  return now < round.startedAt + GRACE ? 'grace' : 'up';
}

/** What each market's price is held against at a block, by market. */
export async function readSources(
  client: ChainClient,
  { byMarket, uptime }: Feeds,
  { blockNumber, timestamp }: Moment,
): Promise<ReadonlyMap<number, PriceSources>> {
  const [status, ...rounds] = await Promise.all([
    uptime === zeroAddress ? null : readRound(client, uptime, blockNumber),
    ...[...byMarket.values()].map(({ chainlink }) => readRound(client, chainlink, blockNumber)),
  ]);
  const sequencer = uptime === zeroAddress ? 'up' : sequencerOf(status, timestamp);
  return new Map(
    [...byMarket].map(([id, feed], i) => {
      const bounds = {
        thresholdPpm: BigInt(feed.thresholdPpm),
        haltPpm: BigInt(feed.haltPpm),
        strainConfidencePpm: BigInt(feed.strainConfidencePpm),
      };
      const anchor = anchorOf(rounds[i] ?? null, feed, timestamp);
      return [id, { bounds, floor: feed.floor, ceiling: feed.ceiling, anchor, sequencer }];
    }),
  );
}
