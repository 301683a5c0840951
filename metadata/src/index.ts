export type { BlockStore } from './blockStore.ts';
export { GatewayPortError, MetadataSettingError, PinningFailedError, StoreFailedError } from './errors.ts';
export { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
export { openStore, type StoreConfig } from './openStore.ts';
export { type PinningOptions, PinningService, type PinStatus } from './pinningService.ts';
