import { create } from 'zustand';
import type { TransferKind } from './model.ts';

/** Which transfer is being written, wherever it was asked for. */
export const useTransferDialog = create<{ kind: TransferKind | null }>(() => ({ kind: null }));

export const openTransfer = (kind: TransferKind | null): void => useTransferDialog.setState({ kind });
