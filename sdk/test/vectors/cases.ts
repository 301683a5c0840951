import { toHex } from 'viem';
import {
  DeleveragingMath,
  FeeMath,
  FillMath,
  FixedPoint,
  FundingMath,
  type Holding,
  LiquidationMath,
  MarginMath,
  type MarketConfig,
  OrderFlags,
  OrderWords,
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

/** Numbers that make one position of an account under liquidation. */
const HOLDING_INPUTS = 29;

function holdingAt(i: readonly bigint[], from: number): Holding {
  const config = configAt(i, from + 10);
  const [mid, lo, hi, halfWidth] = [6, 7, 8, 9].map((k) => at(i, from + k)) as [bigint, bigint, bigint, bigint];
  const risk = { insuranceSpent: 0n, insuranceHour: 0n, metered: at(i, from + 25), meteredAt: at(i, from + 26) };
  const measured = LiquidationMath.meter(risk, config, at(i, from + 27));
  const room = at(i, from + 28) === 0n ? 2n ** 256n - 1n : measured.room;
  return LiquidationMath.holdingOf(0n, {
    market: { ...market([at(i, from), at(i, from + 1), 0n, at(i, from + 2), 0n, 0n, at(i, from + 3), 0n]) },
    config,
    position: position(at(i, from + 4), at(i, from + 5)),
    price: { mid, lo, hi, halfWidth, publishTime: 0n, state: 0 },
    room,
    capacity: measured.capacity,
  });
}

/** A position within the caps of a market with others on both sides. */
function holdingInputs(r: Random): bigint[] {
  const mid = 10n ** 12n + r.bits(80);
  const half = mid / r.big(100, 5000);
  const c = config(r);
  const scale = (10n ** 30n / mid) * r.big(1, 1000) + 10n ** 6n;
  c[0] = scale > 2n ** 64n - 1n ? 2n ** 64n - 1n : scale;
  c[2] = (at(c, 1) * r.big(100, 800)) / 1000n;
  const cap = (at(c, 0) * 10n ** 6n) / 25n;
  const size = (cap * r.big(1, 1000)) / 1000n;
  const [ours, theirs] = [size + (cap * r.big(0, 500)) / 1000n, (cap * r.big(0, 1500)) / 1000n];
  const long = r.chance(0.5);
  const entry = (mid * r.big(700, 1300)) / 1000n;
  const funding = (r.chance(0.5) ? 1n : -1n) * (mid / r.big(1, 100));
  const signedSize = long ? size : -size;
  const cash = signedSize * (funding - entry);
  const [longs, shorts] = long ? [ours, theirs] : [theirs, ours];
  const prices = [mid, mid - 2n * half, mid + 2n * half, half];
  const meteredAt = 1_700_000_000n;
  const meter = [(cap * r.big(0, 50)) / 100n, meteredAt, meteredAt + r.big(0, 90), r.big(0, 1)];
  return [longs, shorts, funding, cash, signedSize, cash, ...prices, ...c, ...meter];
}

/** Margin with which equity is from a little below zero to a little above maintenance. */
function liquidationMargin(r: Random, [a, b]: [bigint[], bigint[]]): bigint {
  const bare = LiquidationMath.liquidate([holdingAt(a, 0), holdingAt(b, 0)], 0n, 0n);
  const wanted = (bare.maintenance * r.big(-50, 1050)) / 1000n - bare.equity / FixedPoint.RAW_PER_WAD;
  return wanted > 0n ? wanted : 0n;
}

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
  order: {
    inputs: (r) => {
      const flags = r.pick([0n, ...Object.values(OrderFlags), r.bits(8)]);
      const triggered = (flags & (OrderFlags.Above | OrderFlags.Below)) !== 0n;
      const attached = (flags & OrderFlags.Attached) !== 0n;
      const trigger = triggered === r.chance(0.9) ? price(r) : 0n;
      return [
        ...[r.bits(160), r.bits(96), r.bits(6)],
        ...[attached ? signed(r, 15) : signed(r, 87), r.bits(88), r.pick([0n, r.bits(32)]), r.pick([0n, r.bits(24)])],
        ...[attached === r.chance(0.9) ? r.bits(16) : 0n, flags],
        ...[trigger, r.pick([0n, r.big(0, 55)]), r.pick([0n, r.bits(160)])],
        ...[r.chance(0.2) ? trigger : price(r), signed(r, 86), r.big(200, 10_000)],
      ];
    },
    vector: (i) => {
      const field = (index: number, shift: bigint) => at(i, index) << shift;
      const [market, sizeDelta, mid] = [at(i, 2), at(i, 3), at(i, 12)];
      const account = toHex(field(0, 96n) | at(i, 1), { size: 32 });
      const low = BigInt.asUintN(88, sizeDelta) | field(4, 88n) | field(5, 176n);
      const terms = low | field(6, 208n) | field(7, 232n) | field(8, 248n);
      const extras = at(i, 9) | field(10, 88n) | field(11, 96n);
      const hash = BigInt(OrderWords.hashOf(market, { account, terms, extras }));
      return [
        ...[hash >> 128n, BigInt.asUintN(128, hash), OrderWords.isSound(terms, extras) ? 1n : 0n],
        ...[OrderWords.isTriggered(terms, extras, mid) ? 1n : 0n, OrderWords.partOf(at(i, 13), sizeDelta)],
        ...[MarginMath.perUnit(mid, at(i, 14)), FillMath.builderFee(mid, at(i, 13), at(i, 10))],
      ];
    },
  },
  deleveraging: {
    inputs: (r) => {
      const inputs = marketInputs(r);
      const index = at(inputs, 4);
      const nav = r.chance(0.1) ? -r.bits(130) : r.bits(140);
      const size = signed(r, 86) || 1n;
      const later = 2n ** 95n + r.bits(126);
      const multiplier = r.chance(0.4) ? DeleveragingMath.ONE : later;
      const before = r.bits(86) + 1n;
      const rest = r.chance(0.1) ? 0n : (before * r.big(0, 999)) / 1000n;
      const value = ((r.chance(0.3) ? -63n : 1n) * index * r.big(0, 1000)) / 1000n;
      const cash = (r.chance(0.5) ? 1n : -1n) * (r.bits(126) * index);
      return [
        ...inputs,
        nav,
        size,
        signed(r, 134),
        multiplier,
        cash,
        before,
        rest,
        value,
        r.bits(96),
        r.bits(96),
        ...config(r),
      ];
    },
    vector: (i) => {
      const m = market(i);
      const c = configAt(i, 18);
      const r = DeleveragingMath.reductionOf(m, c, at(i, 8));
      const p = position(at(i, 9), at(i, 10));
      const from = { multiplier: at(i, 11), round: 0n, cash: at(i, 12) };
      const to = DeleveragingMath.advance(from, at(i, 13), at(i, 14), at(i, 15));
      DeleveragingMath.carry(p, from, to);
      const moved = DeleveragingMath.crystallisable(p, m.index, m.funding, at(i, 16), at(i, 17));
      const owed = DeleveragingMath.owed(m, c, m.index);
      const carried = { ...p };
      const held = { ...m, longs: m.longs + FixedPoint.abs(p.size), shorts: m.shorts + FixedPoint.abs(p.size) };
      const realised = DeleveragingMath.leave(held, p);
      return [
        ...[r.exposure, r.limit, r.cut, r.least, to.multiplier, to.cash, carried.size, carried.cash],
        ...[moved.amount, moved.loss, owed, realised, held.longs, held.shorts, held.cash],
      ];
    },
  },
  liquidation: {
    inputs: (r) => {
      const first = holdingInputs(r);
      const second = holdingInputs(r);
      const margin = liquidationMargin(r, [first, second]);
      return [...first, ...second, margin, r.chance(0.8) ? 0n : r.bits(60)];
    },
    vector: (i) => {
      const holdings = [holdingAt(i, 0), holdingAt(i, HOLDING_INPUTS)];
      const l = LiquidationMath.liquidate(holdings, at(i, 2 * HOLDING_INPUTS), at(i, 2 * HOLDING_INPUTS + 1));
      return [
        l.due ? 1n : 0n,
        ...[l.equity, l.maintenance, l.reward, l.penalty, l.margin, l.badDebt, l.poolPays],
        ...holdings.flatMap(({ sizeDelta, cost, position: p, market: m }) => [
          ...[sizeDelta, cost, p.size, p.cash, m.longs, m.shorts, m.cash],
        ]),
      ];
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
        r.chance(0.5) ? 0n : r.big(1, 50),
      ];
    },
    vector: (i) => {
      const m = market(i);
      const p = position(at(i, 8), at(i, 9));
      const [mid, width, flags] = [at(i, 4), at(i, 13), at(i, 14)];
      const outcome = TradeMath.attempt({
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
          builderFee: at(i, 32),
        },
      });
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
