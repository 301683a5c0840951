import type { Address } from 'viem';

/**
 * Asks the test network's faucet for gas and test USDC.
 * @throws Error with what the faucet said.
 */
export async function askFaucet(url: string, address: Address): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ address }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok)
    throw new Error(`The faucet refused (${response.status}). ${(await response.text()).slice(0, 200)}`);
}
