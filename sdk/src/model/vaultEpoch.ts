import { ASSET_SCALE } from '../math/fixedPoint.ts';
import * as VaultMath from '../math/vaultMath.ts';
import { addLiquidity, isOffPeg, priceLiquidity, removeLiquidity } from './extension.ts';
import type { Call } from './ledger.ts';
import { checkedSub, ModelError } from './modelError.ts';
import { burnShares, mintShares } from './vaultShares.ts';
import {
  begin,
  byVault,
  checkedAdd,
  closeDeposits,
  type Liquidity,
  latest,
  loadRound,
  narrow,
  pushed,
  redeemedSince,
  type VaultState,
} from './vaultState.ts';

// The settlement of an epoch, mirror of LiquidityVault.sol.

/** What one settlement fixes. `highest` and `lowest` net asset values, amounts and `locked` in USD, 18 decimals. */
export interface Settlement {
  epoch: bigint;
  lowest: bigint;
  highest: bigint;
  locked: bigint;
  supply: bigint;
  depositedAmount: bigint;
  mintedShares: bigint;
  redeemedShares: bigint;
  redeemedAmount: bigint;
}

/** Fixes the prices of the present epoch and executes what has reached it. Anybody may, once an epoch. */
export function settleEpoch(states: Liquidity, call: Call) {
  const s = begin(states);
  const { vault } = s.vault;
  const epoch = VaultMath.epochOf(call.time);
  const from = VaultMath.settlesFrom(epoch > vault.settledEpoch ? epoch : vault.settledEpoch + 1n);
  if (call.time < from) throw new ModelError('EpochNotEnded', [call.time, from]);
  mature(s.vault, epoch);
  vault.settledEpoch = epoch;
  const { state, lowest, highest, locked } = priceLiquidity(s.engine, byVault(s, call));
  s.engine = state;
  const settlement: Settlement = {
    ...{ epoch, lowest, highest, locked, supply: s.vault.totalSupply },
    ...{ depositedAmount: 0n, mintedShares: 0n, redeemedShares: 0n, redeemedAmount: 0n },
  };
  executeDeposits(s, call, settlement);
  executeRedemptions(s, call, settlement);
  const value = lowest + settlement.depositedAmount - settlement.redeemedAmount;
  vault.utilisationBps = VaultMath.utilisation(locked, value);
  return { ...s, settlement };
}

/** Requests that have reached the epoch join those waiting. */
function mature(s: VaultState, epoch: bigint): void {
  const { vault } = s;
  closeDeposits(vault, epoch);
  let shares = 0n;
  for (let e = vault.maturedEpoch + 1n; e <= epoch && shares < vault.redemptionsCooling; e++)
    shares += s.cooling.get(e) ?? 0n;
  if (epoch > vault.maturedEpoch) vault.maturedEpoch = epoch;
  if (shares === 0n) return;
  vault.redemptionsCooling = checkedSub(vault.redemptionsCooling, shares);
  vault.redemptionsWaiting = checkedAdd(vault.redemptionsWaiting, shares, 128n);
  s.entries.set(epoch, { ...loadRound(s, vault.round), round: vault.round });
  s.enteredEpochs = pushed(s.enteredEpochs, epoch, epoch);
}

function executeDeposits(s: Liquidity, call: Call, settlement: Settlement): void {
  const { vault } = s.vault;
  const { epoch, lowest, highest, supply } = settlement;
  const assets = vault.depositsWaiting;
  if (assets === 0n) return;
  if (VaultMath.refusesDeposits(lowest, highest, supply) || isOffPeg(s.engine)) {
    vault.refusedEpoch = epoch;
    return;
  }
  settlement.depositedAmount = assets * ASSET_SCALE;
  const shares = narrow(VaultMath.mintedShares(settlement.depositedAmount, supply, highest), 128n);
  settlement.mintedShares = shares;
  vault.depositsWaiting = 0n;
  s.vault.fills.set(epoch, { assets, shares, claimableAt: call.time + vault.depositLock });
  s.vault.filledEpochs = pushed(s.vault.filledEpochs, epoch, epoch);
  mintShares(s.vault, s.vault.address, shares);
  s.engine = addLiquidity(s.engine, byVault(s, call), settlement.depositedAmount).state;
}

function executeRedemptions(s: Liquidity, call: Call, settlement: Settlement): void {
  const { vault } = s.vault;
  const { epoch, lowest, locked, supply } = settlement;
  const waiting = vault.redemptionsWaiting;
  if (waiting === 0n || lowest <= 0n) return;
  const recent = redeemedSince(s.vault, epoch - VaultMath.OUTFLOW_EPOCHS);
  const left = VaultMath.outflowLeft(lowest, vault.outflowCapBps, recent);
  const limit = VaultMath.redemptionLimit(left, s.engine.pool.cash, lowest, locked);
  if (limit === 0n || s.engine.claims.outstanding !== 0n) return;
  const { redeemedShares, redeemedAmount } = VaultMath.redeem(waiting, limit, supply, lowest);
  Object.assign(settlement, { redeemedShares, redeemedAmount });
  const rest = waiting - redeemedShares;
  vault.redemptionsWaiting = rest;
  const round = VaultMath.execute(loadRound(s.vault, vault.round), redeemedAmount, rest, waiting);
  s.vault.rounds.set(vault.round, round);
  if (round.left < VaultMath.ROUND_END) {
    vault.round += 1n;
    s.vault.rounds.set(vault.round, { ...loadRound(s.vault, vault.round), left: VaultMath.ROUND_START });
  }
  const ever = narrow(latest(s.vault.redeemed) + redeemedAmount, 208n);
  s.vault.redeemed = pushed(s.vault.redeemed, epoch, ever);
  burnShares(s.vault, s.vault.address, redeemedShares);
  s.engine = removeLiquidity(s.engine, byVault(s, call), redeemedAmount).state;
}
