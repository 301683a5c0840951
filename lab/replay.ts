import type { Round } from '../devnet/src/feeds/chainlinkFeed.ts';
import type { Quote } from '../devnet/src/prices/source.ts';
import { PRICE_STATES } from '../sdk/src/errors/index.ts';
import { PriceState } from '../sdk/src/math/index.ts';
import { BLOCK, type Feeds, PYTH_LATENCY } from './feeds.ts';
import { Ladder, type Liquidated } from './ladder.ts';
import type { MarketRules } from './market.ts';
import { OracleModel, type Said, type WayOut, WITHIN_BOUND } from './oracleModel.ts';

/** Seconds between two entries of the ladder. */
const ENTRY_SPACING = 1800;
/** 8 decimals to 18. */
const SCALE = 10n ** 10n;

export type StateName = (typeof PRICE_STATES)[number];

/** What came of a market's replay. Times in seconds. */
export interface Replayed {
  readonly seconds: number;
  readonly states: Readonly<Record<StateName, number>>;
  /** Times the market was halted for good, until the sources agreed again. */
  readonly halts: number;
  readonly longestHalted: number;
  /** When the longest time in Halted began. */
  readonly longestHaltedAt: number;
  readonly accounts: number;
  /** Accounts that the initial margin would not have let open. */
  readonly refusedAccounts: number;
  readonly liquidatedAccounts: number;
  readonly liquidations: number;
  /** What liquidations closed, their penalties and their bad debt: USD, 18 decimals. */
  readonly notional: bigint;
  readonly penalty: bigint;
  readonly badDebt: bigint;
  /** Liquidations of accounts that one of the sources found healthy. */
  readonly unhealthy: readonly Liquidated[];
  /** Liquidations of accounts that were healthy at the present price of Chainlink's venue, which no source had said yet. */
  readonly healthyBeyond: number;
}

/** What a replay leaves out or has otherwise, for experiments. */
export interface ReplayOptions {
  /** Another than the contract's. */
  readonly wayOut?: WayOut;
  readonly withAccounts?: boolean;
  /** Liquidates each account in a market of its own, see {@link Ladder}. */
  readonly alone?: boolean;
}

/** Every block of a stretch, or one every `step` seconds, with what the sources have said by then. */
export function* blocks(feeds: Feeds, from: number, to: number, step = BLOCK): Generator<{ now: number; said: Said }> {
  let quote: Quote | undefined;
  let round: Round | undefined;
  let newest = 0;
  for (let now = from; now < to; now += step) {
    quote = feeds.quoteAt(now - PYTH_LATENCY) ?? quote;
    for (let next = feeds.rounds[newest]; next && next.updatedAt <= now; next = feeds.rounds[newest]) {
      round = next;
      newest++;
    }
    yield { now, said: { quote, round } };
  }
}

/**
 * Runs the oracle over a market's feeds, block by block, with the ladder liquidated at every price that it lets serve.
 * @param from When counting begins; what lies before warms up.
 */
export function replay(
  feeds: Feeds,
  rules: MarketRules,
  from: number,
  { wayOut = WITHIN_BOUND, withAccounts = true, alone = false }: ReplayOptions = {},
): Replayed {
  const oracle = new OracleModel(rules.feed, wayOut);
  const ladder = new Ladder(rules.config, alone);
  const states = Object.fromEntries(PRICE_STATES.map((name) => [name, 0])) as Record<StateName, number>;
  let [seconds, halts, haltedSince, longestHalted, longestHaltedAt] = [0, 0, 0, 0, 0];
  let [nextEntry, healthyBeyond] = [from, 0];
  const liquidations: Liquidated[] = [];
  for (const { now, said } of blocks(feeds, feeds.start, feeds.end)) {
    const { price, halted } = oracle.observe(said, BigInt(now));
    if (now < from) continue;
    const name = PRICE_STATES[price.state] ?? 'Halted';
    states[name] += BLOCK;
    seconds += BLOCK;
    if (halted) halts++;
    if (price.state !== PriceState.Halted) haltedSince = 0;
    else {
      if (haltedSince === 0) haltedSince = now;
      const lasted = now + BLOCK - haltedSince;
      if (lasted > longestHalted) [longestHalted, longestHaltedAt] = [lasted, haltedSince];
    }
    if (withAccounts && price.state <= PriceState.Strained && now >= nextEntry) {
      ladder.enter(price.mid, now);
      nextEntry += ENTRY_SPACING;
    }
    if (!said.quote || !said.round || !ladder.mayBeDue(price)) continue;
    const served = oracle.liquidationPrice(said, BigInt(now));
    if (typeof served === 'string') continue;
    const done = ladder.liquidate(served, now, {
      'Pyth’s venue': wads(feeds.firstAt(said.quote.publishTime)),
      Pyth: said.quote.price * SCALE,
      Chainlink: said.round.answer * SCALE,
    });
    liquidations.push(...done);
    const beyond = wads(feeds.secondAt(now));
    healthyBeyond += done.filter(({ before }) => ladder.isHealthy(before, beyond)).length;
  }
  const sumOf = (name: 'notional' | 'penalty' | 'badDebt') => liquidations.reduce((sum, one) => sum + one[name], 0n);
  return {
    seconds,
    states,
    halts,
    longestHalted,
    longestHaltedAt,
    accounts: ladder.accounts.length,
    refusedAccounts: ladder.accounts.filter(({ refused }) => refused).length,
    liquidatedAccounts: ladder.accounts.filter(({ liquidated }) => liquidated).length,
    liquidations: liquidations.length,
    notional: sumOf('notional'),
    penalty: sumOf('penalty'),
    badDebt: sumOf('badDebt'),
    unhealthy: liquidations.filter(({ healthyAt }) => healthyAt.length > 0),
    healthyBeyond,
  };
}

const wads = (dollars: number) => BigInt(Math.round(dollars * 1e8)) * SCALE;
