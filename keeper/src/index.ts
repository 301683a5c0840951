export type { Action, Waiting } from './actions.ts';
export { KeeperSettingError, NoPriceSourceError, PriceSourceStaleError, PublicKeyRefusedError } from './errors.ts';
export type { KeeperEvent } from './events.ts';
export { type Keeper, type KeeperOptions, startKeeper } from './keeper.ts';
export { DEFAULT_SETTINGS, type PlanSettings, plan, waiting } from './plan/index.ts';
export { type PriceClient, type PriceEndpoint, type PriceSourceEvent, PriceSources } from './prices/priceSources.ts';
export { ROLES, type Role, roleOf } from './roles.ts';
export type {
  AccountSnapshot,
  MarketSnapshot,
  PendingBatch,
  ProposalSnapshot,
  Push,
  Quote,
  Snapshot,
  VaultSnapshot,
} from './snapshot.ts';
