import { type Address, keccak256, stringToHex } from 'viem';
import {
  ACCESS_CONTROL_STORAGE,
  IMPLEMENTATION_SLOT,
  INITIALIZABLE_STORAGE,
  mapped,
  pack,
  word,
} from './encodeStorage.ts';
import type { TraceEntry, VaultState } from './vaultState.ts';

// The vault's state as its raw storage: the layout of LiquidityVault.sol and of the tokens it is, word by word.

/** ERC-7201 base of "tidemark.storage.LiquidityVault". */
export const VAULT_STORAGE = 0xfefeda6f96ea15a491381dfa41172c7f0dd41ba19c6ad607df32cea5b40f7300n;
/** ERC-7201 base of OpenZeppelin's ERC20. */
const ERC20_STORAGE = 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00n;

const SLOT = {
  recent: VAULT_STORAGE,
  deposits: VAULT_STORAGE + 1n,
  fills: VAULT_STORAGE + 2n,
  redemptions: VAULT_STORAGE + 3n,
  cooling: VAULT_STORAGE + 4n,
  entries: VAULT_STORAGE + 5n,
  rounds: VAULT_STORAGE + 6n,
  filledEpochs: VAULT_STORAGE + 7n,
  enteredEpochs: VAULT_STORAGE + 8n,
  redeemed: VAULT_STORAGE + 9n,
  operators: VAULT_STORAGE + 10n,
  vault: VAULT_STORAGE + 11n,
  balances: ERC20_STORAGE,
  allowances: ERC20_STORAGE + 1n,
  totalSupply: ERC20_STORAGE + 2n,
  name: ERC20_STORAGE + 3n,
  symbol: ERC20_STORAGE + 4n,
} as const;

/** Where an array or a long string keeps its contents. */
const contents = (slot: bigint) => BigInt(keccak256(word(slot)));

/**
 * The vault's whole storage.
 * @param implementation Behind the proxy.
 * @returns Every word that is not zero, by slot.
 */
export function encodeVault(s: VaultState, implementation: Address): Map<bigint, bigint> {
  const words = new Map<bigint, bigint>();
  const put = (slot: bigint, value: bigint) => {
    if (value !== 0n) words.set(slot, value);
  };
  /** The place of a key's second part in the mapping of its first. */
  const nested = (key: string, slot: bigint) => {
    const [outer, inner] = key.split('/') as [string, string];
    return mapped(inner, mapped(outer, slot));
  };
  const putTrace = (trace: readonly TraceEntry[], slot: bigint) => {
    put(slot, BigInt(trace.length));
    for (const [i, { key, value }] of trace.entries()) put(contents(slot) + BigInt(i), pack([key, 48], [value, 208]));
  };
  const putString = (text: string, slot: bigint) => {
    const hex = stringToHex(text).slice(2);
    const bytes = BigInt(hex.length / 2);
    if (bytes < 32n) return put(slot, BigInt(`0x${hex.padEnd(64, '0')}`) | (bytes * 2n));
    put(slot, bytes * 2n + 1n);
    for (let i = 0; i * 64 < hex.length; i++)
      put(contents(slot) + BigInt(i), BigInt(`0x${hex.slice(i * 64, (i + 1) * 64).padEnd(64, '0')}`));
  };

  for (const [owner, places] of s.recent) put(mapped(owner, SLOT.recent), places);
  for (const [key, assets] of s.deposits) put(nested(key, SLOT.deposits), assets);
  for (const [epoch, f] of s.fills)
    put(mapped(epoch, SLOT.fills), pack([f.assets, 64], [f.shares, 128], [f.claimableAt, 40]));
  for (const [key, r] of s.redemptions) put(nested(key, SLOT.redemptions), pack([r.shares, 128], [r.claimed, 128]));
  for (const [epoch, shares] of s.cooling) put(mapped(epoch, SLOT.cooling), shares);
  for (const [epoch, e] of s.entries) {
    const slot = mapped(epoch, SLOT.entries);
    put(slot, pack([e.left, 128], [e.round, 32]));
    put(slot + 1n, e.paid);
  }
  for (const [number, r] of s.rounds) {
    const slot = mapped(number, SLOT.rounds);
    put(slot, pack([r.left, 128]));
    put(slot + 1n, r.paid);
  }
  putTrace(s.filledEpochs, SLOT.filledEpochs);
  putTrace(s.enteredEpochs, SLOT.enteredEpochs);
  putTrace(s.redeemed, SLOT.redeemed);
  for (const key of s.operators) put(nested(key, SLOT.operators), 1n);
  const v = s.vault;
  put(
    SLOT.vault,
    pack(
      [v.depositsWaiting, 64],
      [v.depositsOpen, 64],
      [v.openEpoch, 32],
      [v.refusedEpoch, 32],
      [v.settledEpoch, 32],
      [v.depositLock, 32],
    ),
  );
  put(
    SLOT.vault + 1n,
    pack(
      [v.redemptionsCooling, 128],
      [v.maturedEpoch, 32],
      [v.minCooldown, 32],
      [v.maxCooldown, 32],
      [v.utilisationBps, 16],
      [v.outflowCapBps, 16],
    ),
  );
  put(SLOT.vault + 2n, pack([v.redemptionsWaiting, 128], [v.round, 32]));
  for (const [holder, shares] of s.balances) put(mapped(holder, SLOT.balances), shares);
  for (const [key, shares] of s.allowances) put(nested(key, SLOT.allowances), shares);
  put(SLOT.totalSupply, s.totalSupply);
  putString(s.name, SLOT.name);
  putString(s.symbol, SLOT.symbol);
  for (const key of s.roles) put(nested(key, ACCESS_CONTROL_STORAGE), 1n);
  put(INITIALIZABLE_STORAGE, 1n);
  put(IMPLEMENTATION_SLOT, BigInt(implementation));
  return words;
}
