import { TidemarkError } from '@tidemark/sdk';
import type { Address } from 'viem';

/** The key would sign for real money, and everybody has it. */
export class PublicKeyRefusedError extends TidemarkError {
  override name = 'PublicKeyRefusedError';

  constructor(address: Address, chainId: number) {
    super(`The key of ${address} is public, and chain ${chainId} is not a devnet.`, { next: 'Use a key of your own.' });
  }
}

/** A price service answers, but with old prices. */
export class PriceSourceStaleError extends TidemarkError {
  override name = 'PriceSourceStaleError';

  constructor(source: string, age: bigint) {
    super(`The price service at ${source} serves prices that are ${age} s old.`, {
      next: 'It is asked again while no other serves younger ones.',
      retryable: true,
    });
  }
}

/** No price service has prices to give. */
export class NoPriceSourceError extends TidemarkError {
  override name = 'NoPriceSourceError';

  constructor(sources: readonly string[]) {
    super(`No price service serves prices: ${sources.join(', ')}.`, {
      next: 'What needs none goes on; they are asked again.',
      retryable: true,
    });
  }
}

/** A setting is missing or wrong. */
export class KeeperSettingError extends TidemarkError {
  override name = 'KeeperSettingError';
}
