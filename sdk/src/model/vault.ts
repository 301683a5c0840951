// Every operation of the liquidity vault, mirror of LiquidityVault.sol: `operation(states, call, …arguments)` returns the
// changed states of vault and engine (and what it computed) or throws a ModelError with the contract's error. The states
// given are never changed. Ether is not modelled: what an update's fee leaves goes back to the caller.
export { grantRole, renounceRole, revokeRole, setCooldown, setDepositLock, setOutflowCap } from './vaultAdmin.ts';
export { type Settlement, settleEpoch } from './vaultEpoch.ts';
export {
  previewClaimDeposit,
  previewClaimRedeem,
  previewRefundDeposit,
  previewRequestDeposit,
  previewRequestRedeem,
  previewSettleEpoch,
  storedValue,
} from './vaultPreviews.ts';
export {
  claimableDepositRequest,
  claimableDepositShares,
  claimableRedeemAssets,
  claimableRedeemRequest,
  claimDeposit,
  claimRedeem,
  pendingDepositRequest,
  pendingRedeemRequest,
  refundDeposit,
  requestDeposit,
  requestRedeem,
  setOperator,
} from './vaultRequests.ts';
export { approve, transfer, transferFrom } from './vaultShares.ts';
export { allowance, balanceOf, isOperator } from './vaultState.ts';
