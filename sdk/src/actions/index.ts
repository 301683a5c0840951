export { accrue } from './accrue.ts';
export { advanceParameters } from './advanceParameters.ts';
export { announce } from './announce.ts';
export { appraise } from './appraise.ts';
export { approveBuilder } from './approveBuilder.ts';
export {
  type Ballot,
  ballotTypedData,
  delegationTypedData,
  overrideTypedData,
  type UnsignedDelegation,
} from './ballots.ts';
export { cancelNonces } from './cancelNonces.ts';
export { cancelParameters } from './cancelParameters.ts';
export { cancelProposal } from './cancelProposal.ts';
export { cancelSettlement } from './cancelSettlement.ts';
export { castOverrideVote } from './castOverrideVote.ts';
export { castOverrideVoteBySig } from './castOverrideVoteBySig.ts';
export { castVote } from './castVote.ts';
export { castVoteBySig } from './castVoteBySig.ts';
export { claimDeposit } from './claimDeposit.ts';
export { claimRedeem } from './claimRedeem.ts';
export { closeNow } from './closeNow.ts';
export { collectClaim } from './collectClaim.ts';
export { commit } from './commit.ts';
export { commitSigned } from './commitSigned.ts';
export { convertToAssets } from './convertToAssets.ts';
export { convertToShares } from './convertToShares.ts';
export { crystallise } from './crystallise.ts';
export { delegate } from './delegate.ts';
export { delegateBySig } from './delegateBySig.ts';
export { deleverage } from './deleverage.ts';
export { deposit } from './deposit.ts';
export { depositWithPermit } from './depositWithPermit.ts';
export { depositWithPermit2, PERMIT2, permit2TypedData } from './depositWithPermit2.ts';
export { divideReserves } from './divideReserves.ts';
export type { AnyClient, EngineParameters, PricedParameters, ReadParameters, WriteParameters } from './engine.ts';
export {
  type Batch,
  type EngineEvent,
  getAnnouncedOrders,
  getBatches,
  getOrderOutcomes,
  getOrdersLeftOut,
  type OrderLeftOut,
  type OrderOutcome,
  parseEngineEvents,
} from './events.ts';
export {
  batchOf,
  creditOf,
  marketOf,
  type PositionLiquidation,
  placeOf,
  positionLiquidationOf,
  type Settlement,
  settlementOf,
  type TradeFill,
  tradeFillOf,
} from './eventWords.ts';
export { executeProposal } from './executeProposal.ts';
export { expire } from './expire.ts';
export { flag } from './flag.ts';
export { fundInsurance } from './fundInsurance.ts';
export { getAccount } from './getAccount.ts';
export { getAccruedMarket } from './getAccruedMarket.ts';
export { getAsset } from './getAsset.ts';
export { getBuilderFee } from './getBuilderFee.ts';
export { getClaim } from './getClaim.ts';
export { getClaims } from './getClaims.ts';
export { getCooldown } from './getCooldown.ts';
export { getDelegate } from './getDelegate.ts';
export { getDelegation } from './getDelegation.ts';
export { getDepositRequest } from './getDepositRequest.ts';
export { getDoubt } from './getDoubt.ts';
export { getFeed } from './getFeed.ts';
export { getHealth } from './getHealth.ts';
export { getMarket } from './getMarket.ts';
export { getMarketConfig } from './getMarketConfig.ts';
export { getMarketCount } from './getMarketCount.ts';
export { getMarketParameters } from './getMarketParameters.ts';
export { getNonces } from './getNonces.ts';
export { getOracle } from './getOracle.ts';
export { getPin } from './getPin.ts';
export { getPool } from './getPool.ts';
export { getPosition } from './getPosition.ts';
export { getPrice } from './getPrice.ts';
export { getProposal, type Proposal } from './getProposal.ts';
export { getPyth } from './getPyth.ts';
export { getQueue } from './getQueue.ts';
export { getQueueItem } from './getQueueItem.ts';
export { getRedeemRequest } from './getRedeemRequest.ts';
export { getReserves } from './getReserves.ts';
export { getSchedule } from './getSchedule.ts';
export { getShareSupply } from './getShareSupply.ts';
export { getShares } from './getShares.ts';
export { getSolvency } from './getSolvency.ts';
export { getTimeline } from './getTimeline.ts';
export { getTokenBalance } from './getTokenBalance.ts';
export { getTotalAssets } from './getTotalAssets.ts';
export { getUnpaidClaim } from './getUnpaidClaim.ts';
export { getUpdateFee } from './getUpdateFee.ts';
export { getVault } from './getVault.ts';
export { getVotingPower } from './getVotingPower.ts';
export { getWithdrawalLeft } from './getWithdrawalLeft.ts';
export { getWithdrawalMarkets } from './getWithdrawalMarkets.ts';
export type {
  BallotSigner,
  GovernanceParameters,
  GovernanceReadParameters,
  GovernanceWriteParameters,
  ProposalParameters,
  TokenParameters,
  TokenReadParameters,
  TokenWriteParameters,
} from './governance.ts';
export { hasOverridden } from './hasOverridden.ts';
export { hasVoted } from './hasVoted.ts';
export { isOperator } from './isOperator.ts';
export type { LeavingParameters } from './leaving.ts';
export { liquidate } from './liquidate.ts';
export { listProposals } from './listProposals.ts';
export { moveMargin } from './moveMargin.ts';
export { multicall } from './multicall.ts';
export { permit } from './permit.ts';
export { previewCloseNow } from './previewCloseNow.ts';
export { type CommitRefusal, previewCommitSigned, previewCommitTriggered } from './previewCommitSigned.ts';
export { previewCrystallise } from './previewCrystallise.ts';
export { previewDeleveraging } from './previewDeleveraging.ts';
export { previewDeposit } from './previewDeposit.ts';
export { previewFlag } from './previewFlag.ts';
export { previewLiquidation } from './previewLiquidation.ts';
export { previewMoveMargin } from './previewMoveMargin.ts';
export { previewOrder } from './previewOrder.ts';
export { previewSettlement } from './previewSettlement.ts';
export { previewWithdraw } from './previewWithdraw.ts';
export { propose } from './propose.ts';
export { queueProposal } from './queueProposal.ts';
export { refundDeposit } from './refundDeposit.ts';
export { requestDeposit } from './requestDeposit.ts';
export { requestRedeem } from './requestRedeem.ts';
export { scheduleParameters } from './scheduleParameters.ts';
export { scheduleSettlement } from './scheduleSettlement.ts';
export { setDelegate } from './setDelegate.ts';
export { setOperator } from './setOperator.ts';
export { setReduceOnly } from './setReduceOnly.ts';
export { settle } from './settle.ts';
export { settleEpoch } from './settleEpoch.ts';
export { settleMarket } from './settleMarket.ts';
export { settlePosition } from './settlePosition.ts';
export { signDelegation } from './signDelegation.ts';
export { signOverrideVote } from './signOverrideVote.ts';
export { signPermit } from './signPermit.ts';
export { signVote } from './signVote.ts';
export { updateIndices } from './updateIndices.ts';
export type {
  ClaimParameters,
  RequestParameters,
  VaultParameters,
  VaultReadParameters,
  VaultWriteParameters,
} from './vault.ts';
export { withdraw } from './withdraw.ts';
