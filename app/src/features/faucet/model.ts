import type { Address } from 'viem';
import { create } from 'zustand';
import { refresh } from '../../data/feed.ts';
import { explain } from '../../tx/errors.ts';
import { begin, dispatch } from '../../tx/store.ts';

/** Whether the faucet has been asked and has not answered yet. */
export const useFaucet = create<{ asking: boolean }>(() => ({ asking: false }));

/** Asks the test network's faucet for gas and test USDC, and says how it went. */
export async function askFaucet(url: string, address: Address): Promise<void> {
  if (useFaucet.getState().asking) return;
  useFaucet.setState({ asking: true });
  const id = begin('Test funds', { stage: 'asked' });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ address }),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(`The faucet answered ${response.status}: ${(await response.text()).trim()}`);
    dispatch(id, { type: 'executed', detail: 'USDC and ether for gas are in your wallet' });
    refresh();
  } catch (error) {
    dispatch(id, { type: 'failed', ...explain(error) });
  }
  useFaucet.setState({ asking: false });
}
