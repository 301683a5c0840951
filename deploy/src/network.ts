import type { Address, Hex } from 'viem';
import type { GovernancePlan } from './governance.ts';

/** Chains of one machine: the only ones that doubles and the well-known keys may be used on. */
export const DEVNET_CHAIN_IDS: readonly number[] = [31_337, 901];

/** A market's parameters, as in the contracts' `MarketConfig`. */
export interface MarketParameters {
  /** S, base units, 6 decimals. */
  readonly skewScale: bigint;
  readonly initialMarginBps: number;
  readonly maintenanceMarginBps: number;
  readonly marginSlopeBps: number;
  readonly skewCapBps: number;
  readonly openInterestCapBps: number;
  readonly profitWeightBps: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly penaltyBps: number;
  readonly accountCapPercent: number;
  readonly fundingCoefficientBps: number;
  readonly fundingCapPpm: number;
  readonly allocationPercent: number;
  readonly flags: number;
}

/** A market to list: its price sources and its parameters. */
export interface MarketPlan {
  readonly symbol: string;
  /** Pyth's feed id. */
  readonly feedId: Hex;
  /** Chainlink's proxy. */
  readonly chainlink: Address;
  /** Chainlink's heartbeat, seconds. */
  readonly heartbeat: number;
  /** Chainlink's deviation threshold, parts per million. */
  readonly thresholdPpm: number;
  /** Deviation between the sources that halts, parts per million. */
  readonly haltPpm: number;
  /** Confidence that strains, parts per million. */
  readonly strainConfidencePpm: number;
  /** Credible prices, USD, 8 decimals. */
  readonly floor: bigint;
  readonly ceiling: bigint;
  readonly parameters: MarketParameters;
  readonly keeperFeeCents: number;
}

/** Everything a network is deployed from. */
export interface NetworkPlan {
  readonly chainId: number;
  readonly pyth: Address;
  /** Null only on a network that has no sequencer uptime feed. */
  readonly uptimeFeed: Address | null;
  readonly usdc: Address;
  /** Chainlink's proxy of USDC in USD. Null only on a network that has none. */
  readonly usdcFeed: Address | null;
  readonly governance: GovernancePlan;
  readonly markets: readonly MarketPlan[];
}

/** A market's parameters by its tier, until they are calibrated; S is the market's own. The table of docs/mechanism.md. */
export type Tier = Omit<MarketParameters, 'skewScale'>;

/** What is traded most, everywhere. */
export const MAJOR: Tier = {
  initialMarginBps: 1000,
  maintenanceMarginBps: 600,
  marginSlopeBps: 10_000,
  skewCapBps: 200,
  openInterestCapBps: 400,
  profitWeightBps: 8000,
  makerFeePpm: 200,
  takerFeePpm: 500,
  penaltyBps: 50,
  accountCapPercent: 50,
  fundingCoefficientBps: 250,
  fundingCapPpm: 500,
  allocationPercent: 40,
  flags: 0,
};

/** Everything else: no unrealised profit opens, and the market takes little of the pool. */
export const MINOR: Tier = { ...MAJOR, profitWeightBps: 0, accountCapPercent: 25, allocationPercent: 10 };

const USD = 10n ** 8n;

/** What is known of a market on every network: the parameters until they are calibrated. */
export const MARKETS: Readonly<Record<string, Omit<MarketPlan, 'chainlink'>>> = {
  ETH: {
    symbol: 'ETH',
    feedId: '0xff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace',
    heartbeat: 1200,
    thresholdPpm: 1500,
    haltPpm: 50_000,
    strainConfidencePpm: 5000,
    floor: 10n * USD,
    ceiling: 1_000_000n * USD,
    parameters: { ...MAJOR, skewScale: 100_000_000_000n },
    keeperFeeCents: 10,
  },
  BTC: {
    symbol: 'BTC',
    feedId: '0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43',
    heartbeat: 1200,
    thresholdPpm: 1000,
    haltPpm: 50_000,
    strainConfidencePpm: 5000,
    floor: 100n * USD,
    ceiling: 10_000_000n * USD,
    parameters: { ...MAJOR, skewScale: 4_000_000_000n },
    keeperFeeCents: 10,
  },
  SOL: {
    symbol: 'SOL',
    feedId: '0xef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d',
    heartbeat: 1200,
    thresholdPpm: 2000,
    haltPpm: 80_000,
    strainConfidencePpm: 10_000,
    floor: USD / 10n,
    ceiling: 100_000n * USD,
    parameters: { ...MINOR, skewScale: 1_500_000_000_000n },
    keeperFeeCents: 10,
  },
  LINK: {
    symbol: 'LINK',
    feedId: '0x8ac0c70fff57e9aefdf5edf44b51d62c2d433653cbb2cf5cc06bb115af04d221',
    heartbeat: 1200,
    thresholdPpm: 2000,
    haltPpm: 80_000,
    strainConfidencePpm: 10_000,
    floor: USD / 100n,
    ceiling: 10_000n * USD,
    parameters: { ...MINOR, skewScale: 10_000_000_000_000n },
    keeperFeeCents: 10,
  },
};
