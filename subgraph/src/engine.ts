// The handlers of the engine's events.

export {
  handleAccountFlagged,
  handleCrystallised,
  handleDeleveraged,
  handleLossDeferred,
  handlePositionLiquidated,
  handlePositionSettled,
} from './liquidations';
export {
  handleBatchCommitted,
  handleBatchesExpired,
  handleBuilderApproved,
  handleDelegateSet,
  handleNoncesCancelled,
  handleOrderFailed,
  handleOrderLeftOut,
  handleOrderReleased,
  handleOrdersAnnounced,
} from './orders';
export {
  handleGasMarketSet,
  handleMarketClosed,
  handleMarketConfigured,
  handleMarketListed,
  handleParametersCancelled,
  handleParametersScheduled,
  handlePauseLevelSet,
  handlePegObserved,
  handleReduceOnlySet,
  handleRoleGranted,
  handleRoleRevoked,
  handleSettlementCancelled,
  handleSettlementScheduled,
  handleUpgraded,
} from './parameters';
export {
  handleBadDebtCovered,
  handleClaimCancelled,
  handleClaimOpened,
  handleClaimsPaid,
  handleInsuranceFunded,
  handleLiquidityAdded,
  handleLiquidityRemoved,
  handlePoolAppraised,
  handleReservesDivided,
  handleTreasuryPaid,
} from './reserves';
export { handleOrderFilled, handlePositionClosed } from './trades';
export {
  handleBatchesSettled,
  handleCredited,
  handleDeposited,
  handleMarginMoved,
  handleMarketUpdated,
  handleWithdrawn,
} from './transfers';
