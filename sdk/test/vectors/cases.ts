import {
  FeeMath,
  FillMath,
  FixedPoint,
  FundingMath,
  LiquidationMath,
  MarginMath,
  type MarketConfig,
  ParameterRamp,
  TradeMath,
} from '../../src/math/index.ts';
import { Random } from '../differential/random.ts';
import { CONFIG } from '../differential/world.ts';

// The shared cases: per function its inputs and outputs as flat lists of integers, so that both languages read them alike.

/** Runs one case: inputs in, outputs out, both flat. */
export type Vector = (inputs: readonly bigint[]) => bigint[];
/** Draws the inputs of one case. */
type Inputs = (r: Random) => bigint[];

const at = (inputs: readonly bigint[], index: number): bigint => {
  const value = inputs[index];
  if (value === undefined) throw new Error(`The case has no input ${index}.`);
  return value;
};

/** The fields of a market's parameters in the order of the struct. */
export const CONFIG_FIELDS = Object.keys(CONFIG) as (keyof MarketConfig)[];

function configAt(inputs: readonly bigint[], from: number): MarketConfig {
  return Object.fromEntries(CONFIG_FIELDS.map((name, i) => [name, at(inputs, from + i)])) as unknown as MarketConfig;
}

const market = (i: readonly bigint[]) => ({
  longs: at(i, 0),
  shorts: at(i, 1),
  accruedAt: at(i, 2),
  indexAt: 0n,
  funding: at(i, 3),
  index: at(i, 4),
  fundingRate: at(i, 5),
  cash: at(i, 6),
  skewSeconds: at(i, 7),
});
const position = (size: bigint, cash: bigint) => ({ size, cash, checkpoint: 0n, generation: 0n });

const signed = (r: Random, bits: number) => (r.chance(0.5) ? -r.bits(bits) : r.bits(bits));
const tier = (r: Random) => 10n * r.big(0, 4);
const price = (r: Random) => r.bits(86) + 1n;
const config = (r: Random): bigint[] => {
  const drawn: MarketConfig = {
    ...CONFIG,
    skewScale: 1_000_000n + r.bits(60),
    initialMarginBps: r.big(200, 10_000),
    maintenanceMarginBps: r.big(100, 8000),
    marginSlopeBps: r.big(0, 50_000),
    skewCapBps: r.big(0, 400),
    openInterestCapBps: r.big(0, 400),
    profitWeightBps: r.big(0, 9500),
    makerFeePpm: r.big(0, 500),
    takerFeePpm: r.big(500, 2000),
    penaltyBps: r.big(20, 255),
    fundingCoefficientBps: r.big(0, 1000),
    fundingCapPpm: r.big(0, 5000),
    accountCapPercent: r.big(1, 100),
    allocationPercent: r.big(1, 50),
  };
  return CONFIG_FIELDS.map((name) => drawn[name]);
};
/** A market whose cash and funding lie in their permitted ranges. */
const marketInputs = (r: Random): bigint[] => {
  const index = price(r);
  const [longs, shorts] = [r.bits(86), r.bits(86)];
  const accruedAt = 1_700_000_000n + r.bits(16);
  const funding = ((r.chance(0.5) ? -64n : 64n) * index * r.big(0, 1000)) / 1000n;
  const skewSeconds = (longs - shorts) * (accruedAt % 3600n);
  return [longs, shorts, accruedAt, funding, index, signed(r, 52), signed(r, 140), skewSeconds];
};

interface Family {
  vector: Vector;
  inputs: Inputs;
}

const divisor = (r: Random) => r.bits(255) + 1n;
const small = (r: Random) => r.bits(120);

/** Every function with vectors. Products that would leave 256 bits in the result are not permitted inputs. */
export const FAMILIES: Record<string, Family> = {
  mulDiv: {
    inputs: (r) => {
      const [a, b] = [r.bits(255), r.bits(255)];
      const least = (a * b) / 2n ** 254n + 1n;
      const d = r.chance(0.5) ? least + r.bits(200) : divisor(r);
      return [a, b, d < least ? least : d];
    },
    vector: (i) => [
      FixedPoint.mulDivDown(at(i, 0), at(i, 1), at(i, 2)),
      FixedPoint.mulDivUp(at(i, 0), at(i, 1), at(i, 2)),
    ],
  },
  signedDivision: {
    inputs: (r) => [signed(r, 200), signed(r, 54), small(r) + 1n],
    vector: (i) => [
      FixedPoint.mulDivCeil(at(i, 0), at(i, 1), at(i, 2)),
      FixedPoint.mulDivTrunc(at(i, 0), at(i, 1), at(i, 2)),
      FixedPoint.divFloor(at(i, 0), at(i, 2)),
      FixedPoint.divUp(FixedPoint.abs(at(i, 0)), at(i, 2)),
    ],
  },
  fill: {
    inputs: (r) => [
      price(r),
      signed(r, 86),
      signed(r, 86),
      tier(r),
      r.bits(110),
      signed(r, 140),
      r.bits(70),
      ...config(r),
    ],
    vector: (i) => {
      const c = configAt(i, 7);
      const scale = FillMath.skewScale(c);
      return [
        FillMath.cost(at(i, 0), at(i, 1), at(i, 2), scale),
        FillMath.mark(at(i, 0), BigInt.asIntN(80, at(i, 1)) % scale, scale),
        FillMath.skewReserve(at(i, 0), at(i, 1), scale),
        FillMath.tradeFee(at(i, 0), at(i, 1), at(i, 2), at(i, 3), c),
        FillMath.openingRoom(at(i, 1), FixedPoint.abs(at(i, 2)), at(i, 6), at(i, 2) > 0n, c),
        FillMath.allocationRoom(at(i, 4), at(i, 0), at(i, 5), FixedPoint.abs(at(i, 1)), FixedPoint.abs(at(i, 2))),
      ];
    },
  },
  fee: {
    inputs: (r) => {
      const from = 1_700_000_000n + r.bits(24);
      return [r.bits(24), from, from + r.bits(r.int(10, 26)), r.bits(133)];
    },
    vector: (i) => {
      const volume = FeeMath.decayed(at(i, 0), at(i, 1), at(i, 2));
      const grown = FeeMath.grown(volume, at(i, 3));
      return [volume, grown, FeeMath.discount(grown)];
    },
  },
  ramp: {
    inputs: (r) => {
      const startedAt = 1_700_000_000n + r.bits(20);
      const duration = 86_400n + r.bits(24);
      const elapsed = r.pick([0n, 3599n, r.bits(13), r.bits(24), duration, duration + 1n]);
      return [startedAt, startedAt + duration, startedAt + elapsed, ...config(r), ...config(r)];
    },
    vector: (i) => {
      const [startedAt, endsAt] = [at(i, 0), at(i, 1)];
      const schedule = { from: configAt(i, 3), to: configAt(i, 18), startedAt, endsAt, keeperFeeCents: 0n };
      const { config: due, stepped } = ParameterRamp.dueAt(schedule, at(i, 2));
      return [...CONFIG_FIELDS.map((name) => due[name]), stepped ? 1n : 0n];
    },
  },
  funding: {
    inputs: (r) => [...marketInputs(r), r.pick([0n, 1n, 59n, 3599n, 3600n, 7200n, r.bits(20)]), ...config(r)],
    vector: (i) => {
      const m = market(i);
      FundingMath.accrue(m, configAt(i, 9), m.accruedAt + at(i, 8));
      return [m.funding, m.fundingRate, m.skewSeconds, m.accruedAt];
    },
  },
  margin: {
    inputs: (r) => [signed(r, 70), signed(r, 130), price(r) >> 10n, signed(r, 80), r.bits(96), ...config(r)],
    vector: (i) => {
      const c = configAt(i, 5);
      const sums = MarginMath.emptyPortfolio();
      const m = { ...market([0n, 0n, 0n, at(i, 3), 0n, 0n, 0n, 0n]) };
      MarginMath.add(sums, position(at(i, 0), at(i, 1)), m, c, at(i, 2));
      return [
        sums.value,
        sums.counted,
        sums.notional,
        sums.initial,
        sums.maintenance,
        sums.positions,
        MarginMath.maintenanceRequirement(sums),
        MarginMath.initialRequirement(sums),
        MarginMath.withdrawalRequirement(sums),
        MarginMath.equity(at(i, 4), sums),
      ];
    },
  },
  liquidation: {
    inputs: (r) => {
      const realised = signed(r, 130);
      return [realised, r.bits(120), r.bits(128), r.bits(90), r.bits(96)];
    },
    vector: (i) => {
      const sums = { realised: at(i, 0), band: at(i, 1), notional: at(i, 2), penalty: at(i, 3) };
      const d = LiquidationMath.divide(sums, at(i, 4));
      return [d.margin, d.reward, d.penalty, d.badDebt, d.poolPays];
    },
  },
  trade: {
    inputs: (r) => {
      const mid = 10n ** 18n + r.bits(76);
      const size = r.chance(0.4) ? 0n : signed(r, 52);
      const margin = r.bits(82);
      const cash = -size * mid + signed(r, 98);
      const [longs, shorts] = size > 0n ? [size + r.bits(50), r.bits(50)] : [r.bits(50), r.bits(50) - size];
      const funding = signed(r, 50);
      const delta = r.chance(0.4) && size !== 0n ? (-size * r.big(1, 5)) / 4n || 1n : signed(r, 48) || 1n;
      const width = mid / 1000n;
      const limit = r.chance(0.9) ? (delta > 0n ? 2n ** 96n - 1n : 0n) : mid;
      const flags = r.big(0, 3);
      return [
        longs,
        shorts,
        0n,
        funding,
        mid,
        0n,
        cash + signed(r, 90),
        0n,
        size,
        cash,
        margin,
        delta,
        limit,
        width,
        flags,
        r.bits(94),
        tier(r),
        ...config(r),
      ];
    },
    vector: (i) => {
      const m = market(i);
      const p = position(at(i, 8), at(i, 9));
      const [mid, width, flags] = [at(i, 4), at(i, 13), at(i, 14)];
      const outcome = TradeMath.attempt(
        {
          market: m,
          position: p,
          config: configAt(i, 17),
          allowance: at(i, 15),
          discount: at(i, 16),
          margin: at(i, 10),
          others: MarginMath.emptyPortfolio(),
          trade: {
            sizeDelta: at(i, 11),
            limitPrice: at(i, 12),
            price: mid,
            spread: width,
            adverseLong: mid - width,
            adverseShort: mid + width,
            reduceOnly: (flags & 1n) !== 0n,
            opening: (flags & 2n) === 0n,
          },
        },
        false,
      );
      return [...Object.values(outcome).map(BigInt), p.size, p.cash, m.longs, m.shorts, m.cash];
    },
  },
};

export const CASES = 60;

/** The cases of one family; the same on every machine. */
export function casesOf(name: string): { inputs: bigint[]; outputs: bigint[] }[] {
  const family = FAMILIES[name];
  if (!family) throw new Error(`There are no vectors named ${name}.`);
  const random = new Random([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  return Array.from({ length: CASES }, () => {
    const inputs = family.inputs(random);
    return { inputs, outputs: family.vector(inputs) };
  });
}
