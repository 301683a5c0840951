export { KeeperSettingError, PublicKeyRefusedError } from './errors.ts';
export { type Keeper, type KeeperEvent, type KeeperOptions, startKeeper } from './keeper.ts';
export { type Action, DEFAULT_SETTINGS, type PlanSettings, plan } from './plan.ts';
export type { AccountSnapshot, MarketSnapshot, PendingBatch, Quote, Snapshot, VaultSnapshot } from './snapshot.ts';
