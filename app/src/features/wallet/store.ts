import { type Address, type EIP1193Provider, getAddress, numberToHex } from 'viem';
import { create } from 'zustand';
import type { Config } from '../../config.ts';
import { useApp } from '../../data/store.ts';
import { explain, isRejection } from '../../tx/errors.ts';
import { begin, dispatch } from '../../tx/store.ts';
import { type Announced, addWallet } from './model.ts';

interface WalletState {
  wallets: readonly Announced[];
  active: Announced | null;
  address: Address | null;
  chainId: number | null;
  dialog: boolean;
}

const REMEMBERED = 'tidemark.wallet';

export const useWallet = create<WalletState>(() => ({
  wallets: [],
  active: null,
  address: null,
  chainId: null,
  dialog: false,
}));

function setAccounts(accounts: readonly Address[]): void {
  const [first] = accounts;
  if (first) useWallet.setState({ address: getAddress(first) });
  else disconnect();
}

async function attach(wallet: Announced, accounts: readonly Address[]): Promise<void> {
  const chainId = Number(await wallet.provider.request({ method: 'eth_chainId' }));
  useWallet.setState({ active: wallet, chainId, dialog: false });
  setAccounts(accounts);
  wallet.provider.on('accountsChanged', (changed) => {
    if (useWallet.getState().active === wallet) setAccounts(changed);
  });
  wallet.provider.on('chainChanged', (changed) => {
    if (useWallet.getState().active === wallet) useWallet.setState({ chainId: Number(changed) });
  });
}

/** Asks the wallet for its accounts. Rejects with the wallet's own error when the person declines. */
export async function connect(wallet: Announced): Promise<void> {
  await attach(wallet, await wallet.provider.request({ method: 'eth_requestAccounts' }));
  localStorage.setItem(REMEMBERED, wallet.info.rdns);
}

export function disconnect(): void {
  localStorage.removeItem(REMEMBERED);
  useWallet.setState({ active: null, address: null, chainId: null });
}

/** Listens for wallets for the life of the page and takes up last time's without asking. */
export function listenForWallets(config: Config): void {
  window.addEventListener('eip6963:announceProvider', (event) => {
    const announced = (event as CustomEvent<Announced>).detail;
    useWallet.setState(({ wallets }) => ({ wallets: addWallet(wallets, announced) }));
    const { active } = useWallet.getState();
    if (!active && announced.info.rdns === localStorage.getItem(REMEMBERED)) void resume(announced);
  });
  window.dispatchEvent(new Event('eip6963:requestProvider'));
  if (!config.testWallet) return;
  const script = document.createElement('script');
  script.type = 'module';
  script.src = '/wallet.js';
  script.onload = () => window.dispatchEvent(new Event('eip6963:requestProvider'));
  document.head.append(script);
}

async function resume(wallet: Announced): Promise<void> {
  const accounts = await wallet.provider.request({ method: 'eth_accounts' });
  if (accounts.length > 0) await attach(wallet, accounts);
}

/** Asks the connected wallet to change to the exchange's chain; what goes wrong is told among the transactions. */
export async function switchWallet(): Promise<void> {
  const { active } = useWallet.getState();
  if (!active) return;
  try {
    await switchChain(active.provider, useApp.getState().config);
  } catch (error) {
    dispatch(begin('Switch chain'), isRejection(error) ? { type: 'rejected' } : { type: 'failed', ...explain(error) });
  }
}

/** Moves the wallet to the exchange's chain, adding it when the wallet does not know it. */
export async function switchChain(provider: EIP1193Provider, config: Config): Promise<void> {
  const chainId = numberToHex(config.chainId);
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId }] });
  } catch (error) {
    if ((error as { code?: number }).code !== 4902) throw error;
    const nativeCurrency = { name: 'Ether', symbol: 'ETH', decimals: 18 };
    const chain = { chainId, chainName: 'Tidemark', nativeCurrency, rpcUrls: [config.rpc] };
    await provider.request({ method: 'wallet_addEthereumChain', params: [chain] });
  }
  useWallet.setState({ chainId: Number(await provider.request({ method: 'eth_chainId' })) });
}
