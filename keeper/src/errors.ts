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

/** Nothing is deployed where a contract should be. */
export class NoContractError extends TidemarkError {
  override name = 'NoContractError';

  constructor(what: string, address: Address, chainId: number) {
    super(`No contract is at ${address}, the ${what}, on chain ${chainId}.`, {
      next: 'Check the address, and that the RPC is of the chain it was deployed on.',
    });
  }
}

/** The keeper's account has no ether, or too little for a transaction. */
export class NoFundsError extends TidemarkError {
  override name = 'NoFundsError';

  constructor(address: Address, cause?: unknown) {
    super(`The keeper's account ${address} has too little ether to pay for a transaction.`, {
      next: 'Send it some; nothing is lost meanwhile.',
      retryable: true,
      cause,
    });
  }
}

/** Nothing tells what ether is worth, so that no cost can be held against a reward. */
export class EtherPriceUnknownError extends TidemarkError {
  override name = 'EtherPriceUnknownError';

  constructor() {
    super('The exchange names no market of ether, so that the cost of a transaction is not known in USD.', {
      next: 'Give the price of ether, or let every role that is paid run at a loss.',
    });
  }
}

/** A transaction would need more gas than a batch may. */
export class GasLimitError extends TidemarkError {
  override name = 'GasLimitError';

  constructor(gas: bigint, limit: bigint) {
    super(`The transaction would need ${gas} gas, more than the ${limit} that one may.`, {
      next: 'It is divided where it can be.',
    });
  }
}

/** A transaction would cost more per gas than the keeper was told to pay. */
export class FeeCapError extends TidemarkError {
  override name = 'FeeCapError';

  constructor(fee: bigint, cap: bigint) {
    super(`A transaction would have to offer ${fee} wei per gas, more than the cap of ${cap}.`, {
      next: 'It is tried again when gas is cheaper; raise the cap to pay more.',
      retryable: true,
    });
  }
}

/** What a keystore file holds cannot be decrypted. */
export class KeystoreError extends TidemarkError {
  override name = 'KeystoreError';
}

/** Who holds the key did not sign, or signed something else. */
export class SignerError extends TidemarkError {
  override name = 'SignerError';
}
