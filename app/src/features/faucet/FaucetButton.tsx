import { useState } from 'react';
import { refresh } from '../../data/feed.ts';
import { useApp } from '../../data/store.ts';
import { explain } from '../../tx/errors.ts';
import { begin, dispatch } from '../../tx/store.ts';
import { useWallet } from '../wallet/store.ts';
import { askFaucet } from './model.ts';

/** Gives test funds where the configuration names a faucet; nothing elsewhere. */
export function FaucetButton() {
  const faucet = useApp((state) => state.config.faucet);
  const address = useWallet((state) => state.address);
  const [asking, setAsking] = useState(false);
  if (!faucet || !address) return null;
  const ask = async () => {
    setAsking(true);
    try {
      await askFaucet(faucet, address);
      refresh();
    } catch (error) {
      dispatch(begin('Test funds'), { type: 'failed', ...explain(error) });
    }
    setAsking(false);
  };
  return (
    <button type="button" className="button" data-testid="faucet" disabled={asking} onClick={() => void ask()}>
      {asking ? 'Sending…' : 'Get test funds'}
    </button>
  );
}
