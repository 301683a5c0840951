import {
  type AnyClient,
  batchOf,
  derivativesEngineAbi,
  MarginMath,
  onChain,
  parseEngineEvents,
  positionLiquidationOf,
  settlementOf,
} from '@tidemark/sdk';
import { type Address, type Hex, keccak256, type Log, maxUint256, serializeTransaction } from 'viem';
import { readContract } from 'viem/actions';
import type { Action } from '../actions.ts';
import { getL1Prices, type L1Prices, l1FeeOf, NO_L1_PRICES, operatorFeeOf } from '../chain/l1Fee.ts';
import { overdue } from '../plan/settler.ts';
import type { Role } from '../roles.ts';
import type { MarketSnapshot, PendingBatch, Snapshot } from '../snapshot.ts';
import type { Call } from './encode.ts';
import type { Simulated } from './simulate.ts';

/** The roles that are paid for what they do; the others never are. */
export const PAYING: readonly Role[] = ['settler', 'liquidator', 'trigger'];

const WAD = 10n ** 18n;
const CENT = 10n ** 16n;
/** Chain seconds after which it is asked anew which market is ether's. */
const GAS_MARKET_AGE = 3_600n;
/** What it later takes to settle signed orders, gas of a settlement and of each order; docs/gas.md. */
const SETTLE_GAS = 190_000n;
const SETTLE_GAS_PER_ORDER = 50_000n;

/** Wei per gas that is expected to be paid. */
export interface GasPrice {
  readonly baseFee: bigint;
  readonly priority: bigint;
}

export interface PricerOptions {
  client: AnyClient;
  engine: Address;
  /** The chain's id. */
  chainId: number;
  /** USD per ether, 18 decimals, where the exchange names no market of ether. */
  etherPrice?: bigint | undefined;
  /** Whether orders that are committed are settled by this keeper too, so that it earns their fees. */
  settles: boolean;
}

/** What actions cost and bring. */
export class Pricer {
  readonly #options: PricerOptions;
  #l1: { block: bigint; prices: Promise<L1Prices> } | undefined;
  #gasMarket: { at: bigint; market: Promise<number | null> } | undefined;

  constructor(options: PricerOptions) {
    this.#options = options;
  }

  /** What the chain charges beside gas, read once a block. */
  l1Prices(block: bigint): Promise<L1Prices> {
    if (this.#l1?.block !== block) this.#l1 = { block, prices: getL1Prices(this.#options.client) };
    // A failure is not kept.
    this.#l1.prices.catch(() => {
      this.#l1 = undefined;
    });
    return this.#l1.prices;
  }

  /** The market whose index is the price of ether; null when the exchange names none. */
  async gasMarket(now: bigint): Promise<number | null> {
    const { client, engine: address } = this.#options;
    if (!this.#gasMarket || now >= this.#gasMarket.at + GAS_MARKET_AGE) {
      const call = { address, abi: derivativesEngineAbi, functionName: 'gasMarket' } as const;
      const market = onChain(() => readContract(client, call)).then((id) => (id === maxUint256 ? null : Number(id)));
      market.catch(() => {
        this.#gasMarket = undefined;
      });
      this.#gasMarket = { at: now, market };
    }
    return this.#gasMarket.market;
  }

  /** USD per ether, 18 decimals; null when nothing tells it. */
  async etherPrice({ markets, now }: Snapshot): Promise<bigint | null> {
    const market = await this.gasMarket(now);
    const index = market === null ? 0n : (markets[market]?.market.index ?? 0n);
    return index > 0n ? index : (this.#options.etherPrice ?? null);
  }

  /** Wei that a transaction is expected to cost, the fee of its prices included. */
  async costOf(call: Call, gas: bigint, { baseFee, priority }: GasPrice, block: bigint): Promise<bigint> {
    const prices = await this.l1Prices(block);
    const l1Fee = l1FeeOf(this.#asSigned(call, gas, baseFee), prices);
    return gas * (baseFee + priority) + operatorFeeOf(gas, prices) + l1Fee + call.value;
  }

  /** The fees of L1 data and of the operator that a transaction paid, where its receipt does not tell them. */
  async paidBeside(transaction: Hex, gasUsed: bigint, block: bigint): Promise<{ l1Fee: bigint; operatorFee: bigint }> {
    const prices = await this.l1Prices(block).catch(() => NO_L1_PRICES);
    return { l1Fee: l1FeeOf(transaction, prices), operatorFee: operatorFeeOf(gasUsed, prices) };
  }

  /** What an action is expected to bring, USD, 18 decimals, in the view of its simulation. */
  async rewardOf(action: Action, { logs }: Simulated, snapshot: Snapshot, price: GasPrice): Promise<bigint> {
    switch (action.kind) {
      case 'settle': {
        const market = snapshot.markets[action.market];
        const own = action.batches.flat().length;
        // Half: the least that an order brings which is not released.
        const reward = logs ? earned(logs, this.#options.engine) : feesOf(market, own) / 2n;
        // One that is released brings nothing, and nothing behind it is settled before.
        const next = action.index + BigInt(action.batches.length);
        const behind = ordersOf(market?.pending.filter(({ index }) => index >= next));
        return reward + feesOf(market, behind) / 2n;
      }
      case 'liquidate':
        return logs ? earned(logs, this.#options.engine) : MarginMath.REWARD_MIN * BigInt(action.accounts.length);
      case 'flag':
        // It opens the way to a liquidation, a minute later.
        return MarginMath.REWARD_MIN;
      case 'expire': {
        // It opens the way to the orders behind.
        const market = snapshot.markets[action.market];
        const pending = market?.pending ?? [];
        const behind = ordersOf(pending.slice(overdue(pending, snapshot.now)));
        return feesOf(market, behind) / 2n;
      }
      case 'commitSigned': {
        if (!this.#options.settles) return 0n;
        const fees = logs
          ? committed(logs, this.#options.engine)
          : feesOf(snapshot.markets[action.market], action.orders.length);
        const ether = (await this.etherPrice(snapshot)) ?? 0n;
        const gas = SETTLE_GAS + SETTLE_GAS_PER_ORDER * BigInt(action.orders.length);
        const settling = toUsd(gas * (price.baseFee + price.priority), ether);
        return fees > settling ? fees - settling : 0n;
      }
      default:
        return 0n;
    }
  }

  /** As it would be sent. The signature stands in for a real one, which does not compress either. */
  #asSigned({ to, data, value }: Call, gas: bigint, maxFeePerGas: bigint): Hex {
    const { chainId } = this.#options;
    const [r, s] = [keccak256('0x01'), keccak256('0x02')];
    const fees = { maxFeePerGas: 2n * maxFeePerGas, maxPriorityFeePerGas: maxFeePerGas };
    return serializeTransaction(
      { type: 'eip1559', chainId, nonce: 1_000, to, data, value, gas, ...fees },
      { r, s, yParity: 1 },
    );
  }
}

/** What so many orders of a market pay, USD, 18 decimals. */
const feesOf = (market: MarketSnapshot | undefined, orders: number): bigint =>
  BigInt(orders) * (market?.keeperFeeCents ?? 0n) * CENT;

/** How many orders of batches are known. */
const ordersOf = (batches: readonly PendingBatch[] = []): number =>
  batches.flatMap(({ orders }) => orders ?? []).length;

/** USD, 18 decimals, rounded up. */
export const toUsd = (wei: bigint, ether: bigint): bigint => (wei * ether + WAD - 1n) / WAD;

/** What a transaction brought its sender, USD, 18 decimals: the fees of settled orders, the rewards of liquidations. */
export function earned(logs: readonly Log[], engine: Address): bigint {
  return parseEngineEvents({ engine, logs }).reduce((sum, { eventName, args }) => {
    if (eventName === 'BatchesSettled') return sum + settlementOf(args.cash).fees;
    if (eventName === 'PositionLiquidated') return sum + (positionLiquidationOf(args).account?.reward ?? 0n);
    return sum;
  }, 0n);
}

/** The keeper fees of the orders that a transaction committed, USD, 18 decimals. */
export function committed(logs: readonly Log[], engine: Address): bigint {
  return parseEngineEvents({ engine, logs }).reduce((sum, { eventName, args }) => {
    if (eventName !== 'BatchCommitted') return sum;
    const { feeCents, orders } = batchOf(args);
    return sum + feeCents * CENT * BigInt(orders.length);
  }, 0n);
}
