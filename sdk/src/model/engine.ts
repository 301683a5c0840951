// Every operation of the engine and its extension: `operation(state, call, …arguments)` returns the changed state (and
// what it computed) or throws a ModelError with the contract's error. The state given is never changed.
export { deposit, moveMargin, withdraw } from './collateral.ts';
export {
  accrue,
  addLiquidity,
  appraise,
  collectClaim,
  divideReserves,
  expire,
  fundInsurance,
  payLiquidity,
  payTreasury,
  priceLiquidity,
  receiveLiquidity,
  removeLiquidity,
  setPauseLevel,
  updateIndices,
} from './extension.ts';
export { liquidate } from './liquidation.ts';
export { closeNow, commit, settle } from './orders.ts';
export {
  advanceParameters,
  cancelParameters,
  listMarket,
  scheduleParameters,
  setReduceOnly,
} from './parameters.ts';
export { previewCloseNow, previewDeposit, previewLiquidation, previewOrder, previewWithdrawal } from './previews.ts';
