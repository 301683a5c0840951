export {
  closeAll,
  ladder,
  limitOrder,
  marketOrder,
  momentAt,
  NO_LIMIT,
  type OrderBase,
  reverse,
  stopLoss,
  stopOrder,
  takeProfit,
} from './builders.ts';
export { OrderInvalidError, SignatureUnreadableError } from './orderErrors.ts';
export { orderOf } from './orderOf.ts';
export {
  type OrderFilter,
  OrderServiceClient,
  type OrderServiceOptions,
  type StreamOptions,
  signCancellation,
} from './orderServiceClient.ts';
export {
  OrderServiceMalformedError,
  type OrderServiceRefusal,
  OrderServiceRefusedError,
  OrderServiceUnreachableError,
} from './orderServiceErrors.ts';
export { encodeEvent, encodeSnapshot, HEARTBEAT } from './orderServiceStream.ts';
export {
  type Cancellation,
  cancelTypedData,
  decodeBytes,
  decodeCancellation,
  decodeOrder,
  decodeOrders,
  encodeCancellation,
  encodeKept,
  encodeOrder,
  GONE_REASONS,
  type GoneReason,
  type KeptOrder,
  MAX_CANCEL_SPAN,
  MAX_SIGNATURE_BYTES,
  nonceKeyOf,
  ORDER_SERVICE_VERSION,
  type OrderServiceEvent,
  orderIdOf,
  type WireOrder,
} from './orderServiceWire.ts';
export { keptOf, type OrderMark, OrderTracker, standingOf, type TrackedOrder } from './orderTracker.ts';
export { MAX_REORG, type OrderNews, OrderWatch, type OrderWatchOptions } from './orderWatch.ts';
export {
  type BundleProof,
  compactSignature,
  decodeBundleProof,
  encodeBundleProof,
  MAX_BUNDLE,
} from './signatures.ts';
export { decodeSigned, encodeSigned, type SignedOrder, type SignedWords } from './signedOrders.ts';
export {
  recoverOrderSigner,
  type SigningParameters,
  signOrder,
  signOrders,
  type UnsignedOrder,
} from './signing.ts';
export {
  bundleTypedData,
  hashBundle,
  hashOrder,
  type MarketOrder,
  ORDER_TYPES,
  orderTypedData,
  type SigningDomain,
} from './typedData.ts';
