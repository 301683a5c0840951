export { describeFailure, FAILURES, type FailureName, failureName } from './failures.ts';
export {
  describeOrderRefusal,
  ORDER_REFUSALS,
  type OrderRefusalName,
  orderRefusalName,
} from './orderRefusals.ts';
export { describeRefusal, PRICE_REASONS, PRICE_STATES, PRICE_USES } from './refusals.ts';
export {
  ContractRefusedError,
  RpcFailedError,
  RpcUnreachableError,
  TidemarkError,
  UnknownRevertError,
} from './tidemarkError.ts';
export { onChain, toTidemarkError } from './toTidemarkError.ts';
