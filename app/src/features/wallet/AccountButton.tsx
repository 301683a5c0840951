import { useState } from 'react';
import { useApp } from '../../data/store.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { shortAddress } from '../../ui/format.ts';
import { ConnectDialog } from './ConnectDialog.tsx';
import { walletStage } from './model.ts';
import { disconnect, switchWallet, useWallet } from './store.ts';

/** Connect, switch chain, or show who is connected. */
export function AccountButton() {
  const { address, chainId, dialog } = useWallet();
  const expected = useApp((state) => state.config.chainId);
  const [open, setOpen] = useState(false);
  const stage = walletStage(address, chainId, expected);
  return (
    <>
      {stage === 'disconnected' && (
        <button
          type="button"
          className="button primary"
          data-testid="connect"
          onClick={() => useWallet.setState({ dialog: true })}
        >
          Connect wallet
        </button>
      )}
      {stage === 'wrongChain' && (
        <button
          type="button"
          className="button warn-button"
          data-testid="switch-chain"
          onClick={() => void switchWallet()}
        >
          Switch chain
        </button>
      )}
      {stage === 'ready' && address && (
        <button type="button" className="button" data-testid="account" onClick={() => setOpen(true)}>
          {shortAddress(address)}
        </button>
      )}
      {dialog && <ConnectDialog />}
      {open && address && (
        <Dialog title="Account" testId="account-dialog" onClose={() => setOpen(false)}>
          <p className="address" data-testid="account-address">
            {address}
          </p>
          <div className="actions">
            <button type="button" className="button" onClick={() => void navigator.clipboard.writeText(address)}>
              Copy address
            </button>
            <button
              type="button"
              className="button"
              data-testid="disconnect"
              onClick={() => {
                disconnect();
                setOpen(false);
              }}
            >
              Disconnect
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
