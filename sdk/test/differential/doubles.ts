import type { Address } from 'viem';
import { type Price, PriceState } from '../../src/math/index.ts';
import { ModelError, type PriceSource, PriceUse, type Token } from '../../src/model/index.ts';

// The test contracts around the engine, modelled: OneSlotOracle.sol and TestUsdc.sol.

export interface Slot {
  mid: bigint;
  publishTime: bigint;
  halfWidthBps: bigint;
  bandBps: bigint;
}

export interface OracleState {
  slots: Map<bigint, Slot>;
  refused: boolean;
}

export interface TokenState {
  balances: Map<string, bigint>;
  /** Who allowed the engine everything; nobody else allows it anything. */
  approvers: Set<string>;
  feeBps: bigint;
}

/** As in OneSlotOracle.sol. */
const SINGLE_BPS = 30n;

const NO_SLOT: Slot = { mid: 0n, publishTime: 0n, halfWidthBps: 0n, bandBps: 0n };

export class OracleModel implements PriceSource {
  constructor(private readonly state: OracleState) {}

  read(market: bigint, bandBps: bigint): Price {
    const { mid, publishTime, halfWidthBps } = this.state.slots.get(market) ?? NO_SLOT;
    if (this.state.refused) throw new ModelError('PriceUseRefused', [market, 0n, 4n]);
    const halfWidth = (mid * halfWidthBps + 9999n) / 10_000n;
    const band = halfWidth + (mid * bandBps) / 10_000n;
    return { mid, lo: mid - band, hi: mid + band, halfWidth, publishTime, state: 0 };
  }

  settlementPrice(market: bigint, minPublishTime: bigint, maxPublishTime: bigint): Price {
    const price = this.read(market, 0n);
    if (price.publishTime < minPublishTime || price.publishTime > maxPublishTime) throw new ModelError('NoPrice');
    return price;
  }

  presentPrices(markets: bigint, use: PriceUse): Price[] {
    const prices: Price[] = [];
    const wide = [PriceUse.CloseNow, PriceUse.Liquidate, PriceUse.Crystallise].some((one) => one === use);
    for (let id = 0n, rest = markets; rest !== 0n; id++, rest >>= 1n)
      if (rest & 1n) {
        const { bandBps } = this.state.slots.get(id) ?? NO_SLOT;
        const single = use === PriceUse.CloseNow && bandBps >= SINGLE_BPS;
        const state = single ? PriceState.Single : PriceState.Normal;
        prices.push({ ...this.read(id, wide ? bandBps : 0n), state });
      }
    return prices;
  }

  peek(market: bigint): Price {
    return this.read(market, 0n);
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
