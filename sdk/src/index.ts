export * from './abi/index.ts';
export * from './accounts.ts';
export * from './actions/index.ts';
export * from './errors/index.ts';
export * from './math/index.ts';
export * from './orders/index.ts';
export * from './prices/index.ts';
export * from './pyth/index.ts';
