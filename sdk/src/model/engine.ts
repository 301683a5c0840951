// Every operation of the engine and its extension: `operation(state, call, …arguments)` returns the changed state (and
// what it computed) or throws a ModelError with the contract's error. The state given is never changed.
export {
  deposit,
  depositWithPermit2,
  leavingMarkets,
  moveMargin,
  permit,
  withdraw,
  withdrawalLeft,
} from './collateral.ts';
export {
  cancelSettlement,
  crystallise,
  deleverage,
  scheduleSettlement,
  settleMarket,
  settlePosition,
} from './deleverager.ts';
export {
  accrue,
  addLiquidity,
  appraise,
  collectClaim,
  divideReserves,
  expire,
  fundInsurance,
  heldMarkets,
  isOffPeg,
  payLiquidity,
  payTreasury,
  priceLiquidity,
  receiveLiquidity,
  removeLiquidity,
  returnLiquidity,
  setGasMarket,
  setPauseLevel,
  updateIndices,
} from './extension.ts';
export { currentPosition, liveMarkets } from './ledger.ts';
export { flag, liquidate, liquidateMany } from './liquidation.ts';
export { type OperationCall, type OperationName, type OperationPreview, operations, preview } from './operations.ts';
export {
  announce,
  approveBuilder,
  cancelNonces,
  closeNow,
  commit,
  commitSigned,
  isPermitted,
  type Refused,
  setDelegate,
  settle,
} from './orders.ts';
export {
  advanceParameters,
  cancelParameters,
  listMarket,
  scheduleParameters,
  setReduceOnly,
} from './parameters.ts';
export {
  type AccountPreview,
  type LeavingPreview,
  previewCloseNow,
  previewCommit,
  previewDeposit,
  previewMoveMargin,
  previewOrder,
  previewWithdrawal,
  type TradePreview,
} from './previews.ts';
export { grantRole, initialize, renounceRole, revokeRole, upgradeToAndCall } from './roles.ts';
export {
  judgeCloseNow,
  judgeOrder,
  judgeWithdrawal,
  previewCrystallise,
  previewDeleveraging,
  previewLiquidation,
  previewSettlement,
} from './verdicts.ts';
