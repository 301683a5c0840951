import { type Abi, type Address, type Client, createClient, custom, type Hex, type TransactionReceipt } from 'viem';
import { simulateContract, waitForTransactionReceipt, writeContract } from 'viem/actions';
import { refresh } from '../data/feed.ts';
import { useApp } from '../data/store.ts';
import { switchChain, useWallet } from '../features/wallet/store.ts';
import { explain, isRejection } from './errors.ts';
import { begin, dispatch, restore } from './store.ts';

/** One contract call. `value` in wei. */
export interface Call {
  address: Address;
  abi: Abi | readonly unknown[];
  functionName: string;
  args: readonly unknown[];
  value?: bigint;
}

/** What a mined call led to: done, or an order that waits for its price. */
export type Outcome = { detail: string } | { order: { market: number; index: string } };

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
 * @param conclude Reads what the receipt says.
 * @returns Whether the call was mined without reverting.
 */
export async function send(
  label: string,
  build: () => Promise<Call> | Call,
  conclude: (receipt: TransactionReceipt) => Outcome,
): Promise<boolean> {
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
    return await confirm(id, hash, conclude);
  } catch (error) {
    dispatch(id, isRejection(error) ? { type: 'rejected' } : { type: 'reverted', ...explain(error) });
    return false;
  }
}

async function confirm(id: string, hash: Hex, conclude: (receipt: TransactionReceipt) => Outcome): Promise<boolean> {
  const { client } = useApp.getState();
  let cancelled = false;
  const receipt = await waitForTransactionReceipt(client, {
    hash,
    pollingInterval: 250,
    timeout: 0,
    onReplaced: ({ reason, transaction }) => {
      if (reason === 'repriced') dispatch(id, { type: 'replaced', hash: transaction.hash });
      else cancelled = true;
    },
  });
  refresh();
  if (cancelled) {
    dispatch(id, { type: 'cancelled' });
    return false;
  }
  if (receipt.status === 'reverted') {
    dispatch(id, {
      type: 'reverted',
      reason: 'The transaction reverted in its block.',
      next: 'State had changed; try again.',
    });
    return false;
  }
  dispatch(id, { type: 'mined' });
  const outcome = conclude(receipt);
  if ('order' in outcome) dispatch(id, { type: 'queued', order: outcome.order });
  else dispatch(id, { type: 'executed', detail: outcome.detail });
  return true;
}

/** Takes up what a reload left under way. An order's end is told by the account's history. */
export function resumeTransactions(): void {
  for (const { id, state } of restore()) {
    if (state.stage === 'submitted') void confirm(id, state.hash, () => ({ detail: 'done' }));
  }
}
