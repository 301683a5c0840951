export {
  type AccumulatorUpdate,
  decodeAccumulatorUpdate,
  type PriceMessage,
  verifyAccumulatorUpdate,
} from './accumulatorUpdate.ts';
export {
  PriceUpdateCutShortError,
  PriceUpdateEmitterError,
  PriceUpdateError,
  PriceUpdateGuardianSetError,
  PriceUpdateNotHexError,
  PriceUpdatePaddedError,
  PriceUpdateQuorumError,
  PriceUpdateSignatureError,
  PriceUpdateUnknownError,
  PriceUpdateUnprovenError,
} from './priceUpdateErrors.ts';
export type { GuardianSignature, RecoverSigner, WormholeTrust, WormholeVaa } from './wormholeVaa.ts';
