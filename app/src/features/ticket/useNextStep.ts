import { useApp } from '../../data/store.ts';
import { askFaucet, useFaucet } from '../faucet/model.ts';
import { openTransfer } from '../transfer/store.ts';
import { switchWallet, useWallet } from '../wallet/store.ts';
import type { TicketState } from './useTicket.ts';

/** In place of the order's button, what has to come before the first order; nothing when nothing has to. */
export function useNextStep({ stage, account }: TicketState): { id: string; label: string; run: () => void } | null {
  const faucet = useApp((state) => state.config.faucet);
  const address = useWallet((state) => state.address);
  const asking = useFaucet((state) => state.asking);
  if (stage === 'disconnected') {
    return { id: 'connect', label: 'Connect wallet', run: () => useWallet.setState({ dialog: true }) };
  }
  if (stage === 'wrongChain') return { id: 'switch', label: 'Switch chain', run: () => void switchWallet() };
  if (!account || account.account.margin > 0n || account.positions.size > 0) return null;
  if (account.usdc === 0n && faucet && address) {
    const label = asking ? 'Sending test funds…' : 'Get test funds';
    return { id: 'faucet', label, run: () => void askFaucet(faucet, address) };
  }
  return { id: 'deposit', label: 'Deposit USDC', run: () => openTransfer('deposit') };
}
