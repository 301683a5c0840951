export type { Action, Waiting } from './actions.ts';
export { decryptKeystore } from './chain/keystore.ts';
export { type DigestKey, digestSigner, remoteSigner, type Signer } from './chain/signers.ts';
export {
  EtherPriceUnknownError,
  FeeCapError,
  KeeperSettingError,
  KeystoreError,
  NoContractError,
  NoFundsError,
  NoPriceSourceError,
  PriceSourceStaleError,
  PublicKeyRefusedError,
  SignerError,
} from './errors.ts';
export type { Inclusion, Judgement, KeeperEvent } from './events.ts';
export { type Keeper, type KeeperOptions, startKeeper } from './keeper.ts';
export type { Endangered } from './plan/endangered.ts';
export { DEFAULT_SETTINGS, type PlanSettings, plan, waiting } from './plan/index.ts';
export { planTriggers, wantsPush } from './plan/trigger.ts';
export { type PriceClient, type PriceEndpoint, type PriceSourceEvent, PriceSources } from './prices/priceSources.ts';
export { ROLES, type Role, roleOf } from './roles.ts';
export type {
  AccountSnapshot,
  Health,
  MarketSnapshot,
  OracleRules,
  PendingBatch,
  PoolSnapshot,
  ProposalSnapshot,
  Push,
  Quote,
  Snapshot,
  VaultSnapshot,
} from './snapshot.ts';
export { OrderBook, type OrderBookEvent, type OrderBookOptions } from './triggers/orderBook.ts';
export type { OrderFeed } from './triggers/orderFeed.ts';
