import type { Address } from 'viem';
import { owed } from '../math/deleveragingMath.ts';
import type { Price } from '../math/engineTypes.ts';
import { divFloor, max, RAW_PER_WAD } from '../math/fixedPoint.ts';
import * as VaultMath from '../math/vaultMath.ts';
import type { EngineState } from './engineState.ts';
import { type Call, openBook, type PriceSource, type Token } from './ledger.ts';
import { ModelError } from './modelError.ts';
import { settleEpoch } from './vaultEpoch.ts';
import {
  claimDeposit,
  claimRedeem,
  pendingRedeemRequest,
  refundDeposit,
  requestDeposit,
  requestRedeem,
} from './vaultRequests.ts';
import type { Liquidity } from './vaultState.ts';

// What the vault's operations would do: each preview runs the operation itself on the states given, which stay as they are.

/** What would come of it, or the error it would fail with. */
export type Verdict<result> = { permitted: true; result: result } | { permitted: false; reason: ModelError };

/** The tokens of who pays: USDC units. */
export interface Wallet {
  balance: bigint;
  /** Approved to the engine. */
  allowance: bigint;
}

/**
 * A request of a deposit.
 * @param wallet The owner's.
 * @returns `requestId` its epoch; `executesFrom` and `claimableFrom` the earliest times, seconds; `shares` an estimate at
 * the value of the stored indices: the epoch's own price decides.
 */
export function previewRequestDeposit(
  states: Liquidity,
  time: bigint,
  sender: Address,
  request: { assets: bigint; controller: Address; owner: Address },
  wallet: Wallet,
) {
  const { assets, controller, owner } = request;
  const call = callBy(states, time, sender, { token: walletToken(states, wallet) });
  return verdict(() => {
    const { requestId } = requestDeposit(states, call, assets, controller, owner);
    const executesFrom = VaultMath.settlesFrom(requestId + 1n);
    const value = storedValue(states.engine, time);
    return {
      requestId,
      executesFrom,
      claimableFrom: executesFrom + states.vault.vault.depositLock,
      shares: VaultMath.convertToShares(assets, states.vault.totalSupply, value),
    };
  });
}

/**
 * A request of a redemption.
 * @returns `requestId` the first epoch that may execute it; `cooldown` seconds; `executesFrom` the earliest time, seconds;
 * `assets` an estimate at the value of the stored indices, USDC units: the epoch's own price decides, and the outflow cap
 * and what markets lock may spread it over several epochs.
 */
export function previewRequestRedeem(
  states: Liquidity,
  time: bigint,
  sender: Address,
  request: { shares: bigint; controller: Address; owner: Address },
) {
  const { shares, controller, owner } = request;
  return verdict(() => {
    const { requestId } = requestRedeem(states, callBy(states, time, sender), shares, controller, owner);
    const value = storedValue(states.engine, time);
    return {
      requestId,
      cooldown: VaultMath.cooldown(states.vault.vault),
      executesFrom: VaultMath.settlesFrom(requestId),
      assets: VaultMath.convertToAssets(shares, states.vault.totalSupply, value),
    };
  });
}

/**
 * The settlement of the present epoch at prices.
 * @param prices One per market that is not settled and has open interest, ascending.
 * @returns What it fixes; `refused`: whether deposits would meet a pool that may be without value; the utilisation that it notes, basis
 * points; the shares that would wait on.
 */
export function previewSettleEpoch(states: Liquidity, time: bigint, sender: Address, prices: readonly Price[]) {
  const call = callBy(states, time, sender, { oracle: { ...NO_ORACLE, presentPrices: () => [...prices] } });
  return verdict(() => {
    const { vault, settlement } = settleEpoch(states, call);
    const { refusedEpoch, utilisationBps, redemptionsWaiting } = vault.vault;
    return { ...settlement, refused: refusedEpoch === settlement.epoch, utilisationBps, redemptionsWaiting };
  });
}

/** Which request, of whom, and who gets what it gives. */
export interface RequestClaim {
  requestId: bigint;
  to: Address;
  controller: Address;
}

/** A claim of an executed deposit. @returns Its shares. */
export function previewClaimDeposit(states: Liquidity, time: bigint, sender: Address, claim: RequestClaim) {
  const { requestId, to, controller } = claim;
  return verdict(() => {
    const { shares } = claimDeposit(states, callBy(states, time, sender), requestId, to, controller);
    return { shares };
  });
}

/** A refund of a deposit that no epoch took. @returns Its assets, USDC units. */
export function previewRefundDeposit(states: Liquidity, time: bigint, sender: Address, claim: RequestClaim) {
  const { requestId, to, controller } = claim;
  return verdict(() => {
    const { assets } = refundDeposit(states, callBy(states, time, sender), requestId, to, controller);
    return { assets };
  });
}

/** A claim of what has been redeemed. @returns Its assets, USDC units, and the shares that wait on. */
export function previewClaimRedeem(states: Liquidity, time: bigint, sender: Address, claim: RequestClaim) {
  const { requestId, to, controller } = claim;
  return verdict(() => {
    const { assets } = claimRedeem(states, callBy(states, time, sender), requestId, to, controller);
    return { assets, pending: pendingRedeemRequest(states.vault, requestId, controller) };
  });
}

/** The pool's net asset value at the stored indices, funding accrued; not below zero. USD, 18 decimals, rounded down. */
export function storedValue(engine: EngineState, time: bigint): bigint {
  let value = (engine.pool.cash - engine.claims.outstanding) * RAW_PER_WAD;
  for (let id = 0n; id < engine.marketCount; id++) {
    const { market, config } = openBook(engine, id, time);
    value -= owed(market, config, market.index);
  }
  return divFloor(max(value, 0n), RAW_PER_WAD);
}

function verdict<result>(ask: () => result): Verdict<result> {
  try {
    return { permitted: true, result: ask() };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { permitted: false, reason: error };
  }
}

const unasked = (): never => {
  throw new RangeError('No price was given for this.');
};
const NO_ORACLE: PriceSource = {
  settlementPrice: unasked,
  presentPrices: unasked,
  observe: unasked,
  peek: unasked,
  closingPrice: unasked,
  offPeg: unasked,
};

function callBy(states: Liquidity, time: bigint, sender: Address, more: Partial<Call> = {}): Call {
  const token = walletToken(states, { balance: 0n, allowance: 0n });
  return { sender, time, value: 0n, oracle: NO_ORACLE, token, ...more };
}

/** The token as far as one owner's wallet shows it. What the engine pays out is custody and always there. */
function walletToken({ vault }: Liquidity, { balance, allowance }: Wallet): Token {
  return {
    engine: vault.engineAddress,
    pull: (from, assets) => {
      if (allowance < assets)
        throw new ModelError('ERC20InsufficientAllowance', [vault.engineAddress, allowance, assets]);
      if (balance < assets) throw new ModelError('ERC20InsufficientBalance', [from, balance, assets]);
      return assets;
    },
    push: (to) => {
      if (BigInt(to) === 0n) throw new ModelError('ERC20InvalidReceiver', [to]);
    },
  };
}
