export { type AccountView, exposureOf, type PositionView, viewAccount } from './accountView.ts';
export { encodeStorage } from './encodeStorage.ts';
export { encodeVault } from './encodeVault.ts';
export * as Engine from './engine.ts';
export {
  accountOf,
  CONFIGURATOR_ROLE,
  DEFAULT_ADMIN_ROLE,
  type EngineState,
  GUARDIAN_ROLE,
  initialState,
  ownerOf,
  roleKey,
  UPGRADER_ROLE,
  VAULT_ROLE,
} from './engineState.ts';
export { type Call, type PriceSource, PriceUse, type Signatures, type Token } from './ledger.ts';
export { ModelError, type Refusal } from './modelError.ts';
export { fixedPrices, freeToken } from './surroundings.ts';
export * as Vault from './vault.ts';
export type { RequestClaim, Verdict, Wallet } from './vaultPreviews.ts';
export { initialVault, type Liquidity, type VaultState } from './vaultState.ts';
