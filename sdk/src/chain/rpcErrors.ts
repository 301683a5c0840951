import { TidemarkError } from '../errors/index.ts';

/** An RPC is of another chain. */
export class WrongChainError extends TidemarkError {
  override name = 'WrongChainError';

  constructor(rpc: string, chainId: number, expected: number) {
    super(`The RPC at ${rpc} is of chain ${chainId}, not of chain ${expected}.`, {
      next: 'Give only RPCs of the chain that the exchange is on.',
    });
  }
}

/** An RPC answers, but is blocks behind another, or on another fork than the others. */
export class RpcBehindError extends TidemarkError {
  override name = 'RpcBehindError';

  constructor(rpc: string, block: bigint, known: bigint) {
    super(`The RPC at ${rpc} is at block ${block}; block ${known} is known of the same chain, or of another fork.`, {
      next: 'It is passed over until it has caught up.',
      retryable: true,
    });
  }
}
