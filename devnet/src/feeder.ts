import { answerBounds, MARKETS } from '@tidemark/deploy';
import { aggregatorAbi } from '@tidemark/sdk';
import { type Address, type Hex, isAddressEqual, parseAbi, zeroAddress } from 'viem';
import type { ACCOUNTS } from './accounts.ts';
import type { connect } from './chain.ts';
import type { State } from './exchange.ts';
import type { Faults } from './faults/faults.ts';
import { kindOf } from './faults/table.ts';
import { CHAINLINK_LATENCY, type ChainlinkSettings, nextRound } from './feeds/chainlinkFeed.ts';
import type { PriceSource } from './prices/source.ts';

const transmitAbi = parseAbi(['function transmit(int192 answer, uint64 updatedAt)']);
const uptimeAbi = parseAbi(['function set(bool down, uint64 startedAt)']);
const proxyAbi = parseAbi([
  'function aggregator() view returns (address)',
  'function setAggregator(address aggregator)',
]);
const GAS = 120_000n;

type Feeder = ReturnType<typeof connect<typeof ACCOUNTS.feeder>>;

/** A Chainlink double that is fed. */
export interface FedAggregator {
  readonly symbol: string;
  readonly aggregator: Address;
  readonly settings: ChainlinkSettings;
  /** The lowest answer that it takes, 8 decimals. */
  readonly minAnswer: bigint;
}

/** The doubles of an exchange's markets. */
export function fedAggregators({ deployment, doubles }: State): FedAggregator[] {
  return deployment.markets.flatMap(({ symbol }) => {
    const known = MARKETS[symbol];
    const aggregator = doubles.feeds[symbol]?.aggregator;
    if (!known || !aggregator) return [];
    const { thresholdPpm, heartbeat } = known;
    const { minAnswer } = answerBounds(known);
    return [{ symbol, aggregator, minAnswer, settings: { thresholdPpm, heartbeat, latency: CHAINLINK_LATENCY } }];
  });
}

/**
 * Feeds the Chainlink doubles from the one source of prices, by their threshold, heartbeat and latency. It keeps nothing:
 * what was written last is read from the chain, so that it may be killed and started at any moment.
 * @returns Called after each block with chain time; resolves with the transactions sent.
 */
export function chainlinkFeeder(
  client: Feeder,
  source: PriceSource,
  feeds: readonly FedAggregator[],
  faults: Faults,
): (now: number) => Promise<Hex[]> {
  return async (now) => {
    const sent: Hex[] = [];
    for (const { symbol, aggregator, settings, minAnswer } of feeds) {
      const [, answer, , updatedAt] = await client.readContract({
        address: aggregator,
        abi: aggregatorAbi,
        functionName: 'latestRoundData',
      });
      const { observed, rounds } = faults.chainlink(symbol, now, source, minAnswer);
      // After a round from the future the next one is due at once.
      const last = { answer, updatedAt: Number(updatedAt) > now ? 0 : Number(updatedAt) };
      const round = nextRound(last, observed, symbol, now, settings);
      for (const { answer, updatedAt } of round ? rounds(round) : []) {
        sent.push(
          await client.writeContract({
            address: aggregator,
            abi: transmitAbi,
            functionName: 'transmit',
            args: [answer, BigInt(updatedAt)],
            gas: GAS,
          }),
        );
      }
    }
    return sent;
  };
}

/** Of USDC's feed: seconds after which it answers at the latest, and one dollar. */
const USDC_HEARTBEAT = 86_400;
const DOLLAR = 10n ** 8n;

/**
 * Feeds the double of USDC's feed: one dollar, or what a fault says, each at once and twice, since one round alone decides
 * nothing.
 * @returns Called after each block with chain time; resolves with the transactions sent.
 */
export function usdcFeeder(client: Feeder, aggregator: Address, faults: Faults): (now: number) => Promise<Hex[]> {
  const feed = { address: aggregator, abi: aggregatorAbi } as const;
  return async (now) => {
    const [id, answer, , updatedAt] = await client.readContract({ ...feed, functionName: 'latestRoundData' });
    const last = id > 0n ? id - 1n : 0n;
    const [, before] = await client.readContract({ ...feed, functionName: 'getRoundData', args: [last] });
    const fault = faults.ofUsdc();
    const present = (fault && kindOf(fault.name).usdc?.answer(DOLLAR, fault.factor)) ?? DOLLAR;
    const settled = answer === present && before === present && now - Number(updatedAt) < USDC_HEARTBEAT;
    if (settled || Number(updatedAt) >= now) return [];
    const args = [present, BigInt(now)] as const;
    const call = { address: aggregator, abi: transmitAbi, functionName: 'transmit', args, gas: GAS } as const;
    return [await client.writeContract(call)];
  };
}

/**
 * Feeds the uptime feed's double: what a fault says, and otherwise that the sequencer is up. While it is unreadable, the
 * proxy in front of it leads nowhere.
 * @returns Called after each block with chain time; resolves with the transactions sent.
 */
export function uptimeFeeder(
  client: Feeder,
  { doubles: { uptimeFeed }, uptimeProxy: address }: Pick<State, 'doubles' | 'uptimeProxy'>,
  faults: Faults,
): (now: number) => Promise<Hex[]> {
  const proxy = { address, abi: proxyAbi } as const;
  return async (now) => {
    const fault = faults.ofSequencer();
    const kind = fault && kindOf(fault.name).sequencer;
    const unreadable = kind !== undefined && 'unreadable' in kind;
    const target = unreadable ? zeroAddress : uptimeFeed;
    const aggregator = await client.readContract({ ...proxy, functionName: 'aggregator' });
    if (!isAddressEqual(aggregator, target)) {
      return [await client.writeContract({ ...proxy, functionName: 'setAggregator', args: [target], gas: GAS })];
    }
    if (unreadable) return [];
    const [, answer, startedAt] = await client.readContract({
      address: uptimeFeed,
      abi: aggregatorAbi,
      functionName: 'latestRoundData',
    });
    const down = kind?.down ?? false;
    const since = fault ? BigInt(fault.since) : startedAt;
    if ((answer !== 0n) === down && startedAt === since) return [];
    const args = [down, fault ? since : BigInt(now)] as const;
    return [await client.writeContract({ address: uptimeFeed, abi: uptimeAbi, functionName: 'set', args, gas: GAS })];
  };
}
