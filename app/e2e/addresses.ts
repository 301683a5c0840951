export const engine = '0x00000000000000000000000000000000000000a1';
export const riskManager = '0x00000000000000000000000000000000000000a2';
export const usdc = '0x00000000000000000000000000000000000000a4';
export const pyth = '0x00000000000000000000000000000000000000a6';
export const accountOwner = '0x1111111111111111111111111111111111111111';
export const uptimeFeed = '0x00000000000000000000000000000000000000a7';
/** Chainlink's aggregator of a market. */
export const aggregator = (market: number) => `0x${(0xb0 + market).toString(16).padStart(40, '0')}` as const;
