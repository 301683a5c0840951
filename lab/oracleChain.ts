import { DEVNET_PRICE_KEYS, MARKETS } from '@tidemark/deploy';
import { priceOracleAbi } from '@tidemark/sdk';
import type { Price } from '@tidemark/sdk/math';
import { PriceUse } from '@tidemark/sdk/model';
import {
  type Abi,
  type Address,
  concatHex,
  type Hex,
  keccak256,
  numberToHex,
  toEventSelector,
  zeroAddress,
} from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { writeUpdate } from '../devnet/src/feeds/accumulatorWriter.ts';
import type { Round } from '../devnet/src/feeds/chainlinkFeed.ts';
import type { Quote } from '../devnet/src/prices/source.ts';
import { Chain, type Log, type Refusal } from '../sdk/test/differential/chain.ts';

/** Doubles exist on chains of this number. */
const DEVNET_CHAIN = 31_337;
const ADMIN: Address = `0x${'a0'.repeat(20)}`;
const EXPO = -8;
/** Slot of the double's mapping of stored prices. */
const STORED_SLOT = 3n;
const DAY = 86_400n;
/** The largest answer that an aggregator gives: beyond every market's ceiling. */
const MOST = 10n ** 17n;
const HALTED = toEventSelector(eventOf('MarketHalted'));

/** What the oracle found in one observation, a price for each market in their order. */
export interface Observed {
  readonly prices: readonly Price[];
  /** Places of the markets that it halted for good. */
  readonly halted: readonly number[];
}

/**
 * The release bytecode of PriceOracle over the doubles of Pyth, Chainlink and the uptime feed, in this process. Rounds are
 * transmitted. Pyth's prices are signed and verified in its wire format where that is asked for, and otherwise put into
 * the double's storage: its very words, which is held to what a signed update has written there.
 */
export class OracleChain {
  private readonly bitmap: bigint;

  private constructor(
    private readonly chain: Chain,
    private readonly abis: { pyth: Abi; aggregator: Abi; oracle: Abi },
    private readonly at: { pyth: Address; oracle: Address; aggregators: readonly Address[] },
    private readonly feeds: readonly Hex[],
  ) {
    this.bitmap = (1n << BigInt(feeds.length)) - 1n;
  }

  /**
   * @param artifacts Folder of forge's output.
   * @param symbols The markets, in the order of their ids.
   * @param first What each market's sources say when the feeds are registered.
   * @param now Seconds.
   */
  static async create(
    artifacts: string,
    symbols: readonly string[],
    first: readonly { quote: Quote; round: Round }[],
    now: number,
  ): Promise<OracleChain> {
    const chain = await Chain.create(artifacts, { chainId: DEVNET_CHAIN, errors: priceOracleAbi });
    const time = BigInt(now);
    const pyth = await chain.deploy('PythDouble', [trust(), 0n], time);
    const uptime = await chain.deploy('UptimeDouble', [ADMIN, time - DAY], time, 'ChainlinkDouble');
    const oracle = await chain.deploy('PriceOracle', [pyth, uptime, zeroAddress, ADMIN], time);
    const markets = symbols.map(marketOf);
    const aggregators: Address[] = [];
    for (const { symbol } of markets) {
      const args = [`${symbol} / USD`, 8, 1n, MOST, ADMIN];
      aggregators.push(await chain.deploy('AggregatorDouble', args, time, 'ChainlinkDouble'));
    }
    const abis = {
      pyth: chain.artifactAbi('PythDouble'),
      aggregator: chain.artifactAbi('AggregatorDouble', 'ChainlinkDouble'),
      oracle: chain.artifactAbi('PriceOracle'),
    };
    const made = new OracleChain(
      chain,
      abis,
      { pyth, oracle, aggregators },
      markets.map(({ feedId }) => feedId),
    );
    await made.publishSigned(
      first.map(({ quote }) => quote),
      now,
    );
    for (const [id, { round }] of first.entries()) await made.transmit(id, round, now);
    for (const [id, { feedId: pythId, ...plan }] of markets.entries()) {
      const proxy = await chain.deploy('AggregatorProxyDouble', [aggregators[id], ADMIN], time, 'ChainlinkDouble');
      const { heartbeat, thresholdPpm, haltPpm, strainConfidencePpm, floor, ceiling } = plan;
      const limits = { heartbeat, thresholdPpm, haltPpm, strainConfidencePpm, decimals: 0, floor, ceiling };
      await made.must('proposeFeed', [BigInt(id), { pythId, chainlink: proxy, ...limits }], now);
      await made.must('acceptFeed', [BigInt(id)], now);
    }
    return made;
  }

  /** Writes a round of Chainlink's. */
  async transmit(market: number, { answer, updatedAt }: Round, now: number): Promise<void> {
    const to = this.at.aggregators[market] as Address;
    await answered(this.chain.call(to, this.abis.aggregator, 'transmit', [answer, updatedAt], ADMIN, BigInt(now)));
  }

  /** Puts prices into the double's storage; undefined leaves what is there. */
  async publish(quotes: readonly (Quote | undefined)[]): Promise<void> {
    for (const [market, quote] of quotes.entries())
      if (quote) await this.chain.putWord(this.at.pyth, this.slotOf(market), wordOf(quote));
  }

  /**
   * Brings prices as one signed update, which the double verifies and stores.
   * @throws {Error} When it stores other words than {@link publish} would.
   */
  async publishSigned(quotes: readonly (Quote | undefined)[], now: number): Promise<void> {
    const update = await this.sign(quotes);
    await answered(this.chain.call(this.at.pyth, this.abis.pyth, 'updatePriceFeeds', [[update]], ADMIN, BigInt(now)));
    const stored = this.chain.storageOf(this.at.pyth);
    for (const [market, quote] of quotes.entries())
      if (quote && stored.get(BigInt(this.slotOf(market))) !== BigInt(wordOf(quote)))
        throw new Error('The double of Pyth stores its prices in another place or shape.');
  }

  /** Has the oracle look at every market by its stored prices. */
  async observe(now: number): Promise<Observed> {
    const { result, logs } = await this.must('observe', [this.bitmap, [], ADMIN], now);
    const halted = logs.filter(({ topics }) => topics[0] === HALTED).map(({ topics }) => Number(topics[1]));
    return { prices: (result as Price[]).map(widened), halted };
  }

  /**
   * The price at which accounts of a market may be liquidated now, or why there is none.
   * @param brought Comes with the call as a signed update; the stored price serves when left out.
   */
  async liquidationPrice(market: number, now: number, brought?: Quote): Promise<Price | Refusal> {
    const update = brought ? [await this.sign(this.feeds.map((_, id) => (id === market ? brought : undefined)))] : [];
    const args = [1n << BigInt(market), update, PriceUse.Liquidate, ADMIN];
    const answer = await this.chain.call(this.at.oracle, this.abis.oracle, 'presentPrices', args, ADMIN, BigInt(now));
    if ('refusal' in answer) return answer.refusal;
    return widened((answer.result as [Price])[0]);
  }

  private sign(quotes: readonly (Quote | undefined)[]): Promise<Hex> {
    return writeUpdate(
      quotes.flatMap((quote, market) => {
        if (!quote) return [];
        const { price, confidence, publishTime } = quote;
        const id = this.feeds[market] as Hex;
        return [{ id, price, confidence, expo: EXPO, publishTime, prevPublishTime: publishTime - 1 }];
      }),
    );
  }

  private slotOf(market: number): Hex {
    return keccak256(concatHex([this.feeds[market] as Hex, numberToHex(STORED_SLOT, { size: 32 })]));
  }

  private must(name: string, args: readonly unknown[], now: number) {
    return answered(this.chain.call(this.at.oracle, this.abis.oracle, name, args, ADMIN, BigInt(now)));
  }
}

/** @throws {Error} When it was refused. */
async function answered(answer: ReturnType<Chain['call']>): Promise<{ result: unknown; logs: Log[] }> {
  const given = await answer;
  if ('refusal' in given) throw new Error(`${given.refusal.name}(${given.refusal.args.join()})`);
  return given;
}

const widened = (price: Price): Price => ({ ...price, state: Number(price.state) });

/** Publish time 64 bits, exponent 32, price 64, confidence 64, from the lowest. */
function wordOf({ price, confidence, publishTime }: Quote): Hex {
  const word = (confidence << 160n) | (price << 96n) | (BigInt.asUintN(32, BigInt(EXPO)) << 64n) | BigInt(publishTime);
  return numberToHex(word, { size: 32 });
}

function trust() {
  const guardians = DEVNET_PRICE_KEYS.map((key) => privateKeyToAddress(key));
  const emitter = '0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71';
  return { guardians, quorum: 3, guardianSetIndex: 0, emitterChain: 26, emitter };
}

function marketOf(symbol: string) {
  const known = MARKETS[symbol];
  if (!known) throw new Error(`No network knows ${symbol}.`);
  return known;
}

function eventOf(name: string) {
  const found = priceOracleAbi.find((item) => item.type === 'event' && item.name === name);
  if (found?.type !== 'event') throw new Error(`PriceOracle has no event ${name}.`);
  return found;
}
