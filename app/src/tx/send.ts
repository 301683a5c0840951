import { RpcFailedError, RpcUnreachableError, toTidemarkError } from '@tidemark/sdk';
import {
  type Abi,
  type Address,
  type Client,
  createClient,
  custom,
  type Hex,
  TransactionNotFoundError,
  type TransactionReceipt,
  WaitForTransactionReceiptTimeoutError,
} from 'viem';
import { getTransaction, simulateContract, waitForTransactionReceipt, writeContract } from 'viem/actions';
import { refresh } from '../data/feed.ts';
import { useApp } from '../data/store.ts';
import { switchChain, useWallet } from '../features/wallet/store.ts';
import { explain, isRejection } from './errors.ts';
import { outcomeOf } from './outcome.ts';
import { begin, dispatch, restore } from './store.ts';

/** One contract call. `value` in wei. */
export interface Call {
  address: Address;
  abi: Abi | readonly unknown[];
  functionName: string;
  args: readonly unknown[];
  value?: bigint;
}

/** How long a transaction may be without a block before the chain is asked whether it still knows it. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 1_000;

function walletClient(): { client: Client; account: Address } {
  const { active, address } = useWallet.getState();
  if (!active || !address) throw new Error('No wallet is connected. Connect one first.');
  const { chain } = useApp.getState().client;
  return { client: createClient({ account: address, chain, transport: custom(active.provider) }), account: address };
}

/**
 * Carries one call through its life, telling the transaction store each step.
 * @param label In words, for the list of transactions.
 * @param build Makes the call at the last moment, so that prices in it are fresh.
 * @returns Whether the call was mined without reverting.
 */
export async function send(label: string, build: () => Promise<Call> | Call): Promise<boolean> {
  const id = begin(label);
  const { client, config } = useApp.getState();
  try {
    const { client: wallet, account } = walletClient();
    const { active, chainId } = useWallet.getState();
    if (active && chainId !== config.chainId) await switchChain(active.provider, config);
    const call = await build();
    const { request } = await simulateContract(client, { ...call, abi: call.abi as Abi, account });
    dispatch(id, { type: 'simulated' });
    const hash = await writeContract(wallet, { ...(request as Parameters<typeof writeContract>[1]), account });
    dispatch(id, { type: 'sent', hash });
    return await confirm(id, hash);
  } catch (error) {
    dispatch(id, isRejection(error) ? { type: 'rejected' } : { type: 'reverted', ...explain(error) });
    return false;
  }
}

/** Waits for the block of a transaction, however long the chain does not answer. */
async function receiptOf(id: string, hash: Hex): Promise<TransactionReceipt | 'cancelled' | 'dropped'> {
  const { client } = useApp.getState();
  for (;;) {
    try {
      let cancelled = false;
      const receipt = await waitForTransactionReceipt(client, {
        hash,
        pollingInterval: 250,
        timeout: PATIENCE_MS,
        onReplaced: ({ reason, transaction }) => {
          if (reason === 'repriced') dispatch(id, { type: 'replaced', hash: transaction.hash });
          else cancelled = true;
        },
      });
      return cancelled ? 'cancelled' : receipt;
    } catch (error) {
      if (error instanceof WaitForTransactionReceiptTimeoutError) {
        const unknown = await getTransaction(client, { hash }).then(
          () => false,
          (reason) => reason instanceof TransactionNotFoundError,
        );
        if (unknown) return 'dropped';
      } else {
        const told = toTidemarkError(error);
        if (!(told instanceof RpcUnreachableError) && !(told instanceof RpcFailedError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

async function confirm(id: string, hash: Hex): Promise<boolean> {
  const receipt = await receiptOf(id, hash);
  refresh();
  if (receipt === 'cancelled' || receipt === 'dropped') {
    dispatch(id, { type: receipt });
    return false;
  }
  if (receipt.status === 'reverted') {
    const reason = 'The transaction reverted in its block.';
    dispatch(id, { type: 'reverted', reason, next: 'State had changed; try again.' });
    return false;
  }
  dispatch(id, { type: 'mined' });
  const outcome = outcomeOf(receipt);
  if ('order' in outcome) dispatch(id, { type: 'queued', order: outcome.order });
  else dispatch(id, { type: 'executed', detail: outcome.detail });
  return true;
}

/** Takes up what a reload left under way. An order's end is told by the account's history. */
export function resumeTransactions(): void {
  for (const { id, state } of restore()) {
    if (state.stage === 'submitted') void confirm(id, state.hash);
  }
}
