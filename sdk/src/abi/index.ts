export { derivativesEngineAbi } from './derivativesEngine.ts';
export { riskManagerAbi } from './riskManager.ts';
export { liquidityVaultAbi } from './liquidityVault.ts';
export { priceOracleAbi } from './priceOracle.ts';
export { pythAbi } from './pyth.ts';
export { aggregatorAbi } from './aggregator.ts';
