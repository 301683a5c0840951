import { MAX_PRICE, type Market, type MarketConfig, MarketFlags, type Position, type Price } from './engineTypes.ts';
import { abs, clamp, max, RAW_PER_WAD } from './fixedPoint.ts';
import { accrue, HOUR } from './fundingMath.ts';
import { addWeights, holdingOf, verdict, type Weights, weigh } from './liquidationMath.ts';

// Where an account is liquidated, found by asking the judgement that liquidates it.
// Source: docs/mechanism.md#liquidation.

/**
 * One position of an account with what it is judged by. `price`: of another market than the one asked about its present
 * price; of that one only how far `lo` and `hi` lie from `mid` counts.
 */
export interface Exposure {
  id: bigint;
  market: Market;
  config: MarketConfig;
  position: Position;
  price: Price;
}

/** What an account has beside its positions, USD, 18 decimals, and the `time` asked about, seconds. */
export interface Standing {
  margin: bigint;
  /** Unpaid claim: it counts for maintenance. */
  claim: bigint;
  time: bigint;
}

/** {@link liquidationPrice} at the time asked about, an hour and a day later. */
export interface LiquidationPrices {
  now: bigint | null;
  inOneHour: bigint | null;
  inOneDay: bigint | null;
}

/** The lowest index there is: zero says that a market has none. */
const MIN_PRICE = 1n;

/**
 * The index of one market at which an account becomes liquidatable: there it is due, one unit further toward safety it is
 * not. The other markets stand at their prices; each market counts at the end of its band that favours the account; funding
 * has run to `time` at the rates of the standing skew and index. No position of the account may change meanwhile.
 * @param id The market asked about.
 * @returns USD per base unit, 18 decimals. An account that is due at every price has the last price on the safe side: the
 * highest for a long, the lowest for a short. Null when no price of this market makes the account due, or when it holds
 * nothing there that still has a price.
 */
export function liquidationPrice(
  exposures: readonly Exposure[],
  id: bigint,
  { margin, claim, time }: Standing,
): bigint | null {
  const asked = exposures.find((exposure) => exposure.id === id);
  if (!asked || asked.position.size === 0n || (asked.config.flags & MarketFlags.Settled) !== 0n) return null;
  const cash: Weights = { equity: (margin + claim) * RAW_PER_WAD, notional: 0n, initial: 0n, maintenance: 0n };
  const others = exposures
    .filter((exposure) => exposure !== asked)
    .map((exposure) => weighAt(accrued(exposure, time), exposure.price))
    .reduce(addWeights, cash);
  const { price } = asked;
  const held = accrued(asked, time);
  const at = (index: bigint): Probe => ({
    index,
    excess: verdict(addWeights(others, weighAt(held, movedTo(price, index)))).excess,
  });
  const below = at(MIN_PRICE);
  const above = at(max(MAX_PRICE - (price.hi - price.mid), MIN_PRICE));
  if (below.excess < 0n && above.excess < 0n) return (asked.position.size > 0n ? above : below).index;
  if (below.excess >= 0n && above.excess >= 0n) return null;
  return below.excess < 0n ? boundary(at, below, above) : boundary(at, above, below);
}

/** An index and what the account has there beyond its maintenance. */
interface Probe {
  index: bigint;
  excess: bigint;
}

/**
 * The last index that is due on the way to one that is not. The excess is all but linear, so that a line through the two
 * ends nearly meets it; every third step halves what is left, whatever the excess does.
 */
function boundary(at: (index: bigint) => Probe, due: Probe, safe: Probe): bigint {
  for (let step = 1; abs(safe.index - due.index) > 1n; step++) {
    const way = safe.index - due.index;
    const part = step % 3 === 0 ? way / 2n : (way * -due.excess) / (safe.excess - due.excess);
    const least = way > 0n ? 1n : -1n;
    const probe = at(due.index + (way > 0n ? clamp(part, least, way - least) : clamp(part, way - least, least)));
    if (probe.excess < 0n) due = probe;
    else safe = probe;
  }
  return due.index;
}

/** {@link liquidationPrice} at `time`, one hour and one day later, funding running on at the standing rates. */
export function liquidationPrices(exposures: readonly Exposure[], id: bigint, standing: Standing): LiquidationPrices {
  const after = (seconds: bigint) => liquidationPrice(exposures, id, { ...standing, time: standing.time + seconds });
  return { now: after(0n), inOneHour: after(HOUR), inOneDay: after(24n * HOUR) };
}

/** Funding's clock stands still while the exchange is halted, and for good in a settled market. */
function accrued(exposure: Exposure, time: bigint): Exposure {
  const { config } = exposure;
  const market = { ...exposure.market };
  if ((config.flags & (MarketFlags.Halted | MarketFlags.Settled)) === 0n) accrue(market, config, time);
  return { ...exposure, market };
}

function weighAt({ id, market, config, position }: Exposure, price: Price): Weights {
  return weigh(holdingOf(id, { market, config, position, price, room: 0n, capacity: 0n }));
}

/** A price elsewhere, its band as wide as it is. */
function movedTo(price: Price, index: bigint): Price {
  const { mid, lo, hi } = price;
  return { ...price, mid: index, lo: max(index - (mid - lo), 0n), hi: index + (hi - mid) };
}
