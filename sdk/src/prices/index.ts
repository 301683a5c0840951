export {
  PriceServiceClient,
  type PriceServiceOptions,
  type PriceUpdate,
  type PublishedPrice,
} from './priceServiceClient.ts';
export {
  PriceNotPublishedError,
  PriceServiceMalformedError,
  PriceServiceRefusedError,
  PriceServiceUnreachableError,
} from './priceServiceErrors.ts';
