import type { Address } from 'viem';
import { type Price, PriceState } from '../../src/math/index.ts';
import { ModelError, type PriceSource, PriceUse, type Token } from '../../src/model/index.ts';
import { bits } from '../../src/model/ledger.ts';

// The test contracts around the engine, modelled: OneSlotOracle.sol and TestUsdc.sol.

export interface Slot {
  mid: bigint;
  publishTime: bigint;
  halfWidthBps: bigint;
  bandBps: bigint;
  /** Up to Single, or SequencerDown as in the grace; Normal when left out. */
  state?: number;
}

export interface OracleState {
  slots: Map<bigint, Slot>;
  refused: boolean;
  /** By market, USD, 18 decimals. */
  closingPrices: Map<bigint, bigint>;
  /** What USDC's feed says. */
  peg: Peg;
}

/** By the numbers of OneSlotOracle.sol. */
export const PEGS = ['silent', 'on', 'off'] as const;
export type Peg = (typeof PEGS)[number];

export interface TokenState {
  balances: Map<string, bigint>;
  /** Who allowed the engine everything; nobody else allows it anything. */
  approvers: Set<string>;
  feeBps: bigint;
}

/** As in OneSlotOracle.sol. */
const SINGLE_BPS = 30n;
/** As in the contracts' enumeration PriceReason. */
const GUARDIAN = 10n;

const NO_SLOT: Slot = { mid: 0n, publishTime: 0n, halfWidthBps: 0n, bandBps: 0n };

export class OracleModel implements PriceSource {
  constructor(private readonly state: OracleState) {}

  read(market: bigint, bandBps: bigint): Price {
    const { mid, publishTime, halfWidthBps, state = PriceState.Normal } = this.slotOf(market);
    const halfWidth = (mid * halfWidthBps + 9999n) / 10_000n;
    const band = halfWidth + (mid * bandBps) / 10_000n;
    const lo = mid - band;
    return { mid, lo, hi: mid + band, halfWidth, publishTime, state: this.state.refused ? PriceState.Halted : state };
  }

  settlementPrice(market: bigint, minPublishTime: bigint, maxPublishTime: bigint): Price {
    const price = this.serve(market, 0n, PriceUse.Settle);
    if (price.publishTime < minPublishTime || price.publishTime > maxPublishTime) throw new ModelError('NoPrice');
    return price;
  }

  presentPrices(markets: bigint, use: PriceUse): Price[] {
    const wide = [PriceUse.CloseNow, PriceUse.Liquidate, PriceUse.Crystallise].some((one) => one === use);
    return bits(markets).map((id) => this.serve(id, wide ? this.slotOf(id).bandBps : 0n, use));
  }

  /** At their bands, whatever the state. */
  bands(markets: bigint): Price[] {
    return bits(markets).map((id) => this.read(id, this.slotOf(id).bandBps));
  }

  observe(markets: bigint): Price[] {
    return bits(markets).map((id) => this.read(id, 0n));
  }

  peek(market: bigint): Price {
    return this.read(market, 0n);
  }

  closingPrice(market: bigint): bigint {
    return this.state.closingPrices.get(market) ?? 0n;
  }

  offPeg(before: boolean): boolean {
    return this.state.peg === 'silent' ? before : this.state.peg === 'off';
  }

  private serve(market: bigint, bandBps: bigint, use: PriceUse): Price {
    const price = this.read(market, bandBps);
    if (price.state < PriceState.Single) {
      const single = use === PriceUse.CloseNow && this.slotOf(market).bandBps >= SINGLE_BPS;
      return single ? { ...price, state: PriceState.Single } : price;
    }
    const single = price.state === PriceState.Single;
    const doubtful = single || price.state === PriceState.SequencerDown;
    const served = use === PriceUse.CloseNow || use === PriceUse.Liquidate || (use === PriceUse.Settle && single);
    if (!served || !doubtful)
      throw new ModelError('PriceUseRefused', [market, BigInt(use), BigInt(price.state), GUARDIAN]);
    return price;
  }

  private slotOf(market: bigint): Slot {
    return this.state.slots.get(market) ?? NO_SLOT;
  }
}

/** Changes the state it is given; whoever calls copies it first. */
export class TokenModel implements Token {
  constructor(
    readonly state: TokenState,
    readonly engine: Address,
  ) {}

  balanceOf(holder: string): bigint {
    return this.state.balances.get(holder.toLowerCase()) ?? 0n;
  }

  pull(from: Address, assets: bigint): bigint {
    if (!this.state.approvers.has(from.toLowerCase()))
      throw new ModelError('ERC20InsufficientAllowance', [this.engine, 0n, assets]);
    const before = this.balanceOf(this.engine);
    this.move(from, this.engine, assets);
    return this.balanceOf(this.engine) - before;
  }

  push(to: Address, assets: bigint): void {
    if (BigInt(to) === 0n) throw new ModelError('ERC20InvalidReceiver', [to]);
    this.move(this.engine, to, assets);
  }

  private move(from: Address, to: Address, assets: bigint): void {
    const balance = this.balanceOf(from);
    if (balance < assets) throw new ModelError('ERC20InsufficientBalance', [from, balance, assets]);
    this.set(from, balance - assets);
    this.set(to, this.balanceOf(to) + assets - (assets * this.state.feeBps) / 10_000n);
  }

  private set(holder: Address, assets: bigint): void {
    this.state.balances.set(holder.toLowerCase(), assets);
  }
}
