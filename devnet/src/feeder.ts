import { aggregatorAbi } from '@tidemark/sdk';
import { type Address, type Hex, parseAbi } from 'viem';
import type { ACCOUNTS } from './accounts.ts';
import type { connect } from './chain.ts';
import { type ChainlinkSettings, nextRound } from './feeds/chainlinkFeed.ts';
import type { PriceSource } from './prices/source.ts';

const transmitAbi = parseAbi(['function transmit(int192 answer, uint64 updatedAt)']);

/** A Chainlink double that is fed. */
export interface FedAggregator {
  readonly symbol: string;
  readonly aggregator: Address;
  readonly settings: ChainlinkSettings;
}

/**
 * Feeds the Chainlink doubles from the one source of prices, by their threshold, heartbeat and latency. It keeps nothing:
 * what was written last is read from the chain, so that it may be killed and started at any moment.
 * @returns Called after each block with chain time; resolves with the transactions sent.
 */
export function chainlinkFeeder(
  client: ReturnType<typeof connect<typeof ACCOUNTS.feeder>>,
  source: PriceSource,
  feeds: readonly FedAggregator[],
): (now: number) => Promise<Hex[]> {
  return async (now) => {
    const sent: Hex[] = [];
    for (const { symbol, aggregator, settings } of feeds) {
      const [, answer, , updatedAt] = await client.readContract({
        address: aggregator,
        abi: aggregatorAbi,
        functionName: 'latestRoundData',
      });
      const round = nextRound({ answer, updatedAt: Number(updatedAt) }, source, symbol, now, settings);
      if (!round) continue;
      sent.push(
        await client.writeContract({
          address: aggregator,
          abi: transmitAbi,
          functionName: 'transmit',
          args: [round.answer, BigInt(round.updatedAt)],
          gas: 120_000n,
        }),
      );
    }
    return sent;
  };
}
