export { ACCOUNTS, privateKeyOf } from './accounts.ts';
export { CHAIN_ID, connect, startChain } from './chain.ts';
export { type Devnet, type DevnetSettings, startDevnet } from './devnet.ts';
export { DevnetError } from './errors.ts';
export { type DevnetOptions, readOptions } from './options.ts';
export { coinbase, type Venue } from './prices/live.ts';
