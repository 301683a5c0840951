import { TidemarkError } from '@tidemark/sdk';
import type { Address } from 'viem';

/** The key would sign for real money, and everybody has it. */
export class PublicKeyRefusedError extends TidemarkError {
  override name = 'PublicKeyRefusedError';

  constructor(address: Address, chainId: number) {
    super(`The key of ${address} is public, and chain ${chainId} is not a devnet.`, { next: 'Use a key of your own.' });
  }
}

/** A setting is missing or wrong. */
export class KeeperSettingError extends TidemarkError {
  override name = 'KeeperSettingError';
}
