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
