import { useApp } from '../../data/store.ts';
import { useWallet } from '../wallet/store.ts';
import { askFaucet, useFaucet } from './model.ts';

/** Gives test funds where the configuration names a faucet; nothing elsewhere. */
export function FaucetButton() {
  const faucet = useApp((state) => state.config.faucet);
  const address = useWallet((state) => state.address);
  const asking = useFaucet((state) => state.asking);
  if (!faucet || !address) return null;
  return (
    <button
      type="button"
      className="button"
      data-testid="faucet"
      disabled={asking}
      onClick={() => void askFaucet(faucet, address)}
    >
      {asking ? 'Sending…' : 'Get test funds'}
    </button>
  );
}
