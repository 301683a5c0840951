import { useState } from 'react';
import { explain, isRejection } from '../../tx/errors.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { WalletIcon } from '../../ui/icons.tsx';
import { type Announced, safeIcon } from './model.ts';
import { connect, useWallet } from './store.ts';

/** The wallets this browser has, by EIP-6963. Nobody else is asked. */
export function ConnectDialog() {
  const wallets = useWallet((state) => state.wallets);
  const [asking, setAsking] = useState<string | null>(null);
  const [problem, setProblem] = useState('');
  const close = () => useWallet.setState({ dialog: false });
  const choose = async (wallet: Announced) => {
    setAsking(wallet.info.uuid);
    setProblem('');
    try {
      await connect(wallet);
    } catch (error) {
      setProblem(isRejection(error) ? 'You declined in the wallet. Nothing was shared.' : explain(error).reason);
    }
    setAsking(null);
  };
  return (
    <Dialog title="Connect a wallet" testId="connect-dialog" onClose={close}>
      {wallets.length === 0 && (
        <p className="note">No wallet answered. Install a browser wallet, allow it on this page, and reload.</p>
      )}
      <ul className="wallets">
        {wallets.map((wallet, place) => {
          const icon = safeIcon(wallet.info.icon);
          return (
            <li key={wallet.info.uuid}>
              <button
                type="button"
                className="wallet"
                data-testid={`wallet-${wallet.info.rdns}`}
                data-first={place === 0 || undefined}
                disabled={asking !== null}
                onClick={() => void choose(wallet)}
              >
                {icon ? <img src={icon} alt="" width="24" height="24" /> : <WalletIcon />}
                <span>{wallet.info.name}</span>
                <span className="quiet">{asking === wallet.info.uuid ? 'Confirm in the wallet' : 'Detected'}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <p role="alert" className="problem">
        {problem}
      </p>
      <p className="note">The page talks to your wallet and to this exchange’s own servers, to nobody else.</p>
    </Dialog>
  );
}
