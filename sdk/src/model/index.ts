export { encodeStorage } from './encodeStorage.ts';
export { encodeVault } from './encodeVault.ts';
export * as Engine from './engine.ts';
export { accountOf, type EngineState, initialState, ownerOf, roleKey, VAULT_ROLE } from './engineState.ts';
export { type Call, type PriceSource, PriceUse, type Token } from './ledger.ts';
export { ModelError } from './modelError.ts';
export * as Vault from './vault.ts';
export type { RequestClaim, Verdict, Wallet } from './vaultPreviews.ts';
export { initialVault, type Liquidity, type VaultState } from './vaultState.ts';
