export * from './abi/index.ts';
export * from './math/index.ts';
