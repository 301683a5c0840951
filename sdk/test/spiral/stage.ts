import type { Hex } from 'viem';
import { FillMath, FixedPoint, FundingMath, OrderWords, PoolMath, packOrder } from '../../src/math/index.ts';
import { loadAccount, loadConfig, loadMarket } from '../../src/model/engineState.ts';
import { accountOf, Engine, type EngineState } from '../../src/model/index.ts';
import { accrueMarket } from '../../src/model/ledger.ts';
import type { Chain } from '../differential/chain.ts';
import { step } from '../differential/compare.ts';
import { ADMIN, type Addresses, CONFIG, KEEPER, type Operation, OWNERS, type World } from '../differential/world.ts';

export const UNIT = 10n ** 12n;
export const USDC = 10n ** 6n;
export const WAD = FixedPoint.WAD;
export const RAW = FixedPoint.RAW_PER_WAD;
export const [LONGS, SHORTS, OTHERS] = OWNERS;
export const GAPPING = 0n;
export const OTHER = 1n;
const MAX_LIMIT = OrderWords.MAX_LIMIT_PRICE;

/** Who can pay or be paid. Everything the engine holds is one of theirs. */
export const PARTIES = ['longs', 'shorts', 'others', 'keeper', 'insurance', 'fees', 'pool', 'claims'] as const;
export type Party = (typeof PARTIES)[number];
/** Cash by party, USD, 18 decimals. */
export type Cash = Record<Party, bigint>;

/** The market and the pool at a moment, at the price of that moment; USD, 18 decimals. */
export interface Moment {
  /** Seconds since the gap. */
  at: bigint;
  /** U⁺ + ℓ · |skew| · price. */
  exposure: bigint;
  /** Cash − claims − Σ (U + reserve). */
  netAssetValue: bigint;
  cash: bigint;
  claims: bigint;
  /** Cash − claims − Σ U: without the reserve, USD, 30 decimals, exact. */
  worth: bigint;
}

/** Runs the contracts and the model side by side and counts whose cash moves. */
export class Stage {
  readonly moments: Moment[] = [];
  private price = 2000n * WAD;
  private gapAt: bigint;

  constructor(
    private readonly chain: Chain,
    private readonly at: Addresses,
    private world: World,
  ) {
    this.gapAt = world.time;
  }

  get state(): EngineState {
    return this.world.engine;
  }

  get time(): bigint {
    return this.world.time;
  }

  /** From now on the market's price is another one; moments are counted from here. */
  gap(price: bigint): void {
    this.price = price;
    this.gapAt = this.world.time;
    this.moments.length = 0;
    this.moments.push(this.moment());
  }

  /** Everything settles at this second's prices; contract and model must agree on every word. @throws {Error} If refused. */
  async do(sender: Operation['sender'], name: string, args: readonly unknown[], more: Partial<Operation> = {}) {
    const wait = more.wait ?? 0n;
    const prices = [this.price, 60_000n * WAD].map((mid, id) => ({
      market: BigInt(id),
      mid,
      publishTime: this.world.time + wait,
      halfWidthBps: 5n,
      bandBps: 10n,
    }));
    const before = this.margins();
    const taken = await step(this.chain, this.at, this.world, { name, sender, args, prices, ...more, wait }, {});
    const { refusal, failures } = taken.report;
    if (refusal) throw new Error(`${name} was refused: ${refusal.name}(${refusal.args.join()})`);
    if (failures.length > 0) throw new Error(`${name} failed for reason ${failures.join()}`);
    this.world = taken.world;
    this.moments.push(this.moment());
    return changed(before, this.margins());
  }

  async fund(account: Hex, assets: bigint): Promise<void> {
    await this.do(KEEPER, 'deposit', [account, assets], { mint: [{ to: KEEPER, assets }] });
  }

  async trade(owner: Operation['sender'], sub: bigint, market: bigint, sizeDelta: bigint): Promise<void> {
    const limitPrice = sizeDelta > 0n ? MAX_LIMIT : 0n;
    const order = packOrder({ account: accountOf(owner, sub), sizeDelta, limitPrice });
    await this.do(owner, 'commit', [market, [order]]);
    await this.do(KEEPER, 'settle', [market, [[order]], []], { wait: 3n });
  }

  /** Closes all of a position without any operator. */
  closeNow(owner: Operation['sender'], sub: bigint, wait: bigint) {
    const account = accountOf(owner, sub);
    const { size } = Engine.currentPosition(this.state, account, GAPPING, loadConfig(this.state, GAPPING).flags);
    const magnitude = size < 0n ? -size : size;
    return this.do(owner, 'closeNow', [account, GAPPING, magnitude, size > 0n ? 0n : MAX_LIMIT, []], { wait });
  }

  async list(): Promise<void> {
    for (let i = 0; i < 2; i++) await this.do(ADMIN, 'listMarket', [CONFIG, 50n]);
  }

  sizeOf(account: Hex, market = GAPPING): bigint {
    return Engine.currentPosition(this.state, account, market, loadConfig(this.state, market).flags).size;
  }

  /** Margin by account, USD, 18 decimals. */
  margins(): Map<string, bigint> {
    return new Map([...this.state.accounts].map(([account, { margin }]) => [account, margin]));
  }

  /** Everything the engine holds, by whom it belongs to: adds up to its tokens. */
  cash(): Cash {
    const { pool, reserves, claimsPaid, queues } = this.state;
    const owned = (owner: string) =>
      [...this.state.accounts].reduce(
        (sum, [id, a]) => (id.startsWith(owner.toLowerCase()) ? sum + a.margin : sum),
        0n,
      );
    const escrow = [...queues.values()].reduce((sum, queue) => sum + queue.escrow, 0n);
    return {
      longs: owned(LONGS),
      shorts: owned(SHORTS),
      others: owned(OTHERS),
      keeper: owned(KEEPER) + escrow,
      insurance: reserves.insurance,
      fees: pool.fees + reserves.treasury,
      pool: pool.cash,
      claims: claimsPaid,
    };
  }

  /** Whether an account was ever owed what the pool could not pay and has not collected it. */
  hasClaim(account: Hex): boolean {
    return (this.state.claimOf.get(account)?.amount ?? 0n) !== 0n;
  }

  marginOf(account: Hex): bigint {
    return loadAccount(this.state, account).margin;
  }

  /** What a position is worth at the price of this moment, USD, 30 decimals. */
  valueOf(account: Hex): bigint {
    const [market, config] = [loadMarket(this.state, GAPPING), loadConfig(this.state, GAPPING)];
    accrueMarket(market, config, this.state.pool, this.world.time);
    const position = Engine.currentPosition(this.state, account, GAPPING, config.flags);
    return position.size * (this.price - market.funding) + position.cash;
  }

  /** See {@link Moment}. */
  worth(): bigint {
    return this.moment().worth;
  }

  /** What the market locks of the pool, and what it may, USD, 30 decimals. */
  allocation(): { locked: bigint; allotted: bigint } {
    const { value, cash } = this.state.pool;
    const least = value * WAD < cash ? value * WAD : cash;
    const allotted = (least * loadConfig(this.state, GAPPING).allocationPercent * RAW) / 100n;
    return { locked: PoolMath.lockOf(loadMarket(this.state, GAPPING), this.price), allotted };
  }

  private moment(): Moment {
    const { pool, claims, marketCount } = this.state;
    let worth = (pool.cash - claims.outstanding) * RAW;
    let reserve = 0n;
    let exposure = 0n;
    for (let id = 0n; id < marketCount; id++) {
      const [market, config] = [loadMarket(this.state, id), loadConfig(this.state, id)];
      accrueMarket(market, config, pool, this.world.time);
      const price = id === GAPPING ? this.price : market.index;
      const [skew, value] = [FundingMath.skewOf(market), PoolMath.tradersValue(market, price)];
      worth -= value;
      reserve += (price * skew * skew) / (2n * FillMath.skewScale(config));
      if (id === GAPPING) exposure = (value > 0n ? value : 0n) + ((skew < 0n ? -skew : skew) * price) / 5n;
    }
    return {
      at: this.world.time - this.gapAt,
      exposure: exposure / RAW,
      netAssetValue: (worth - reserve) / RAW,
      cash: pool.cash,
      claims: claims.outstanding,
      worth,
    };
  }
}

/** Accounts whose margin is another one. */
function changed(before: Map<string, bigint>, after: Map<string, bigint>): string[] {
  return [...after].filter(([account, margin]) => margin !== (before.get(account) ?? 0n)).map(([account]) => account);
}
