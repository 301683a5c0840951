import type { Address, EIP1193Provider, Hex } from 'viem';

/** What EIP-6963 announces of a wallet. */
export interface WalletInfo {
  uuid: string;
  name: string;
  icon: string;
  rdns: string;
}

export interface Announced {
  info: WalletInfo;
  provider: EIP1193Provider;
}

/** Adds an announcement; a wallet that announces again replaces itself, its place kept. */
export function addWallet(wallets: readonly Announced[], announced: Announced): Announced[] {
  const at = wallets.findIndex(({ info }) => info.uuid === announced.info.uuid || info.rdns === announced.info.rdns);
  if (at === -1) return [...wallets, announced];
  return wallets.map((wallet, index) => (index === at ? announced : wallet));
}

/** Only inline pictures: a wallet's icon must not make the page call anybody. */
export function safeIcon(icon: string): string | null {
  return /^data:image\/(png|webp|svg\+xml|jpeg|gif)[;,]/.test(icon) ? icon : null;
}

export type WalletStage = 'disconnected' | 'wrongChain' | 'ready';

/** @param chainId Of the wallet, as it reports it. */
export function walletStage(address: Address | null, chainId: Hex | number | null, expected: number): WalletStage {
  if (!address) return 'disconnected';
  return Number(chainId) === expected ? 'ready' : 'wrongChain';
}
