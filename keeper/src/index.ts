export { KeeperSettingError, NoPriceSourceError, PriceSourceStaleError, PublicKeyRefusedError } from './errors.ts';
export { type Keeper, type KeeperEvent, type KeeperOptions, startKeeper } from './keeper.ts';
export { type Action, DEFAULT_SETTINGS, type PlanSettings, plan, type Waiting, waiting } from './plan.ts';
export { type PriceClient, type PriceEndpoint, type PriceSourceEvent, PriceSources } from './priceSources.ts';
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
