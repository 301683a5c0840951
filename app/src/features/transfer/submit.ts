import { derivativesEngineAbi, getWithdrawalMarkets, pythAbi } from '@tidemark/sdk';
import { erc20Abi, type Hex } from 'viem';
import { readContract } from 'viem/actions';
import { fetchUpdate } from '../../data/prices.ts';
import type { AccountState } from '../../data/snapshot.ts';
import { useApp } from '../../data/store.ts';
import { send } from '../../tx/send.ts';
import { formatUsd } from '../../ui/format.ts';

/** Approves exactly what is missing, then deposits. USDC units. */
export async function deposit(account: AccountState, assets: bigint): Promise<boolean> {
  const { config } = useApp.getState();
  const amount = formatUsd(assets * 10n ** 12n);
  if (account.allowance < assets) {
    const approved = await send(`Approve ${amount} USDC`, () => ({
      address: config.usdc,
      abi: erc20Abi,
      functionName: 'approve',
      args: [config.engine, assets],
    }));
    if (!approved) return false;
  }
  return send(`Deposit ${amount}`, () => ({
    address: config.engine,
    abi: derivativesEngineAbi,
    functionName: 'deposit',
    args: [account.id, assets],
  }));
}

/** A fresh signed update of some markets and what the chain charges to verify it, in wei. */
export async function signedPrices(markets: readonly number[]): Promise<{ update: Hex[]; value: bigint }> {
  const { client, config } = useApp.getState();
  if (markets.length === 0) return { update: [], value: 0n };
  const feeds = config.markets.filter(({ id }) => markets.includes(id)).map(({ feedId }) => feedId);
  const { update } = await fetchUpdate(config.prices, feeds);
  const value = await readContract(client, {
    address: config.pyth,
    abi: pythAbi,
    functionName: 'getUpdateFee',
    args: [update],
  });
  return { update, value };
}

/** Withdraws realised margin to the owner, with fresh prices of all markets that bind it. USDC units. */
export function withdraw(account: AccountState, assets: bigint): Promise<boolean> {
  const { client, config } = useApp.getState();
  return send(`Withdraw ${formatUsd(assets * 10n ** 12n)}`, async () => {
    const markets = await getWithdrawalMarkets(client, { engine: config.engine, account: account.id });
    const { update, value } = await signedPrices(markets);
    return {
      address: config.engine,
      abi: derivativesEngineAbi,
      functionName: 'withdraw',
      args: [account.id, assets, account.owner, update],
      value,
    };
  });
}
