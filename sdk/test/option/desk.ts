import type { Address } from 'viem';
import { MARKETS } from '../../../deploy/src/network.ts';
import { Failure, type MarketConfig, OrderWords, packOrder } from '../../src/math/index.ts';
import { EARNINGS } from '../../src/model/engineState.ts';
import {
  accountOf,
  Engine,
  type EngineState,
  freeToken,
  initialState,
  roleKey,
  VAULT_ROLE,
} from '../../src/model/index.ts';
import { CLOSE_AGE, type FeedRules, PathOracle } from './oracle.ts';
import type { Path } from './path.ts';

const WAD = 10n ** 18n;
const USDC = 10n ** 6n;
/** Base units, 12 decimals. */
const MORE_THAN_ALL = 10n ** 24n;
const who = (byte: string): Address => `0x${byte.repeat(20)}`;
const [ADMIN, OTHERS, TRADER, ENGINE] = ['a0', 'b0', 'c0', 'e0'].map(who) as [Address, Address, Address, Address];
/** Of the trader: one account for each side, so that she may stand on both. */
export type Side = 'long' | 'short';
const SIDES: readonly Side[] = ['long', 'short'];
const accountOfSide = (side: Side) => accountOf(TRADER, side === 'long' ? 0n : 1n);
/** USD with which each begins. */
const MARGIN = 50_000_000n;

/** The market that the exchange lists first, as it is deployed. */
const { parameters, keeperFeeCents, thresholdPpm, heartbeat, haltPpm, strainConfidencePpm } = market();
export const FEED = { thresholdPpm, heartbeat };
const RULES: FeedRules = {
  thresholdPpm: BigInt(thresholdPpm),
  haltPpm: BigInt(haltPpm),
  strainConfidencePpm: BigInt(strainConfidencePpm),
  heartbeat: BigInt(heartbeat),
};

function market() {
  const { ETH } = MARKETS;
  if (!ETH) throw new Error('No network knows ETH.');
  return ETH;
}

/** The exact model of the exchange on a path, for one trader who always settles first and so has the keeper's fee back. */
export class Desk {
  private state: EngineState = initialState(ADMIN);
  private readonly oracle: PathOracle;
  private waiting: { side: Side; order: ReturnType<typeof packOrder>; committedAt: number }[] = [];
  now: number;
  trades = 0;

  constructor(
    readonly path: Path,
    private readonly notional: number,
  ) {
    this.now = path.start;
    this.oracle = new PathOracle(path, RULES, () => this.now);
    this.state.roles.add(roleKey(VAULT_ROLE, ADMIN));
    const config = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, BigInt(value)]));
    this.must(ADMIN, 'listMarket', [config as unknown as MarketConfig, BigInt(keeperFeeCents)]);
    this.must(ADMIN, 'receiveLiquidity', [OTHERS, 500_000_000n * USDC]);
    this.must(ADMIN, 'addLiquidity', [500_000_000n * WAD]);
    for (const side of SIDES) this.must(TRADER, 'deposit', [accountOfSide(side), MARGIN * USDC]);
  }

  /** Margin of a side beyond what it began with, USD: what it has won, when nothing of it is open. */
  wonBy(side: Side): number {
    const margin = this.state.accounts.get(accountOfSide(side))?.margin ?? 0n;
    return Number(margin - MARGIN * WAD) / 1e18;
  }

  /** Of both sides, and what she was paid for settling while orders of hers were pending. */
  get profit(): number {
    const earned = Number(this.state.accounts.get(accountOf(TRADER, EARNINGS))?.margin ?? 0n) / 1e18;
    return SIDES.reduce((sum, side) => sum + this.wonBy(side), earned);
  }

  /** Does something, and takes it back when it is not wanted. @param wanted Judges what it has led to. */
  attempt(action: () => void, wanted: () => boolean): void {
    const { state, waiting, trades } = this;
    this.waiting = [...waiting];
    action();
    if (!wanted()) Object.assign(this, { state, waiting, trades });
  }

  sizeOf(side: Side): bigint {
    return this.state.positions.get(`${accountOfSide(side)}/0`)?.size ?? 0n;
  }

  isOpen(): boolean {
    return this.waiting.length > 0 || SIDES.some((side) => this.sizeOf(side) !== 0n);
  }

  /**
   * Commits an order that opens a side.
   * @param beyond Share of the price by which the fill must be better than the price seen last; none: at any.
   */
  open(side: Side, beyond?: { share: number; seen: number; released: boolean }): void {
    const buys = side === 'long';
    const size = BigInt(Math.floor((this.notional / this.path.priceAt(this.now)) * 1e12));
    const price =
      beyond && BigInt(Math.floor(beyond.seen * (1 + (buys ? -beyond.share : beyond.share)) * 1e8)) * 10n ** 10n;
    const unbound = buys ? OrderWords.MAX_LIMIT_PRICE : 0n;
    const order = packOrder({
      account: accountOfSide(side),
      sizeDelta: buys ? size : -size,
      limitPrice: price === undefined || beyond?.released ? unbound : price,
      ...(price !== undefined && beyond?.released ? { trigger: { price, above: !buys } } : {}),
    });
    const { refusal } = this.try(TRADER, 'commit', [0n, [order]]);
    if (!refusal) this.waiting.push({ side, order, committedAt: this.now });
  }

  /** Commits an order that closes a side at its fill. */
  leave(side: Side): void {
    const size = this.sizeOf(side);
    const limitPrice = size < 0n ? OrderWords.MAX_LIMIT_PRICE : 0n;
    const order = packOrder({ account: accountOfSide(side), sizeDelta: -size, limitPrice, reduceOnly: true });
    const { refusal } = this.try(TRADER, 'commit', [0n, [order]]);
    if (!refusal) this.waiting.push({ side, order, committedAt: this.now });
  }

  /** Settles what waits, oldest first, as far as a price is there; what can no longer settle is expired. */
  settle(): void {
    for (let [first] = this.waiting; first; [first] = this.waiting) {
      const { committedAt } = first;
      const batches = this.waiting.filter((one) => one.committedAt === committedAt).map(({ order }) => [order]);
      const { result, refusal } = this.try(TRADER, 'settle', [0n, batches]);
      if (refusal && this.try(OTHERS, 'expire', [0n, BigInt(batches.length)]).refusal) return;
      this.waiting.splice(0, batches.length);
      this.trades += (result?.outcomes ?? []).filter(
        (one) => one !== 'released' && one.failure === Failure.None,
      ).length;
    }
  }

  /** Closes a side at once by the best update at hand. @param ahead Seconds that the trader sees ahead. */
  closeNow(side: Side, ahead: number): void {
    const indexAt = Number(this.state.markets.get(0n)?.indexAt ?? 0n);
    let best = 0;
    for (let time = Math.max(this.now - CLOSE_AGE, indexAt); time <= this.now + ahead; time++) {
      const [price, most] = [this.path.priceAt(time), this.path.priceAt(best)];
      if (price !== 0 && (most === 0 || (side === 'long' ? price > most : price < most))) best = time;
    }
    this.oracle.brought = best;
    const limit = side === 'long' ? 0n : 2n ** 96n - 1n;
    const { refusal } = this.try(TRADER, 'closeNow', [accountOfSide(side), 0n, MORE_THAN_ALL, limit]);
    if (!refusal) this.trades++;
  }

  private try<N extends Engine.OperationName>(sender: Address, name: N, args: Engine.OperationCall<N>['args']) {
    const call = { sender, time: BigInt(this.now), value: 0n, oracle: this.oracle, token: freeToken(ENGINE) };
    const done = Engine.preview(this.state, call, { name, args } as Engine.OperationCall<N>);
    this.state = done.state;
    return done;
  }

  private must<N extends Engine.OperationName>(sender: Address, name: N, args: Engine.OperationCall<N>['args']): void {
    const { refusal } = this.try(sender, name, args);
    if (refusal) throw new Error(`${name} was refused: ${refusal.name}(${refusal.args.join()})`);
  }
}
