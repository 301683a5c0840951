export { ACCOUNTS, privateKeyOf } from './accounts.ts';
export { CHAIN_ID, connect, startChain } from './chain.ts';
export { type Devnet, startDevnet } from './devnet.ts';
export { DevnetError } from './errors.ts';
export { type DevnetOptions, readOptions } from './options.ts';
