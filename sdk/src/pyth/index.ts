export { type AccumulatorUpdate, decodeAccumulatorUpdate, type PriceMessage } from './accumulatorUpdate.ts';
export {
  PriceUpdateCutShortError,
  PriceUpdateError,
  PriceUpdateNotHexError,
  PriceUpdatePaddedError,
  PriceUpdateUnknownError,
  PriceUpdateUnprovenError,
} from './priceUpdateErrors.ts';
export type { GuardianSignature, WormholeVaa } from './wormholeVaa.ts';
