import { type Address, BaseError, type Hex, isAddress, isHex } from 'viem';

/** A listed market as the page needs it. `priceDecimals` and `sizeDecimals` say how many digits people see and type. */
export interface MarketInfo {
  id: number;
  symbol: string;
  feedId: Hex;
  priceDecimals: number;
  sizeDecimals: number;
}

/** Where this deployment lives; read once from `/config.json`. */
export interface Config {
  chainId: number;
  rpc: string;
  prices: string;
  /** The gateway that serves the metadata of proposals. */
  metadata: string;
  engine: Address;
  riskManager: Address;
  oracle: Address;
  usdc: Address;
  vault: Address;
  pyth: Address;
  faucet: string | null;
  markets: MarketInfo[];
  testWallet: boolean;
}

/** Thrown when `/config.json` is missing or lacks a field. */
export class ConfigInvalid extends BaseError {
  override name = 'ConfigInvalid';
  constructor(readonly field: string) {
    super(`The configuration's field "${field}" is missing or wrong. Correct config.json on the server and reload.`);
  }
}

function field<T>(source: unknown, name: string, is: (value: unknown) => value is T): T {
  const value = (source as Record<string, unknown> | null)?.[name];
  if (!is(value)) throw new ConfigInvalid(name);
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const isContract = (value: unknown): value is Address =>
  typeof value === 'string' && isAddress(value, { strict: false });
const isFeed = (value: unknown): value is Hex => isHex(value) && value.length === 66;

function parseMarket(source: unknown): MarketInfo {
  return {
    id: field(source, 'id', isCount),
    symbol: field(source, 'symbol', isText),
    feedId: field(source, 'feedId', isFeed),
    priceDecimals: field(source, 'priceDecimals', isCount),
    sizeDecimals: field(source, 'sizeDecimals', isCount),
  };
}

/** @throws {ConfigInvalid} when a field is missing or of the wrong kind. */
export function parseConfig(source: unknown): Config {
  const contract = (name: string) => field(source, name, isContract);
  const markets = field(source, 'markets', (value): value is unknown[] => Array.isArray(value) && value.length > 0);
  const { faucet, testWallet } = source as { faucet?: unknown; testWallet?: unknown };
  return {
    chainId: field(source, 'chainId', isCount),
    rpc: field(source, 'rpc', isText),
    prices: field(source, 'prices', isText).replace(/\/$/, ''),
    metadata: field(source, 'metadata', isText),
    engine: contract('engine'),
    riskManager: contract('riskManager'),
    oracle: contract('oracle'),
    usdc: contract('usdc'),
    vault: contract('vault'),
    pyth: contract('pyth'),
    faucet: isText(faucet) ? faucet : null,
    markets: markets.map(parseMarket),
    testWallet: testWallet === true,
  };
}

/** @throws {ConfigInvalid} when the server has none, or an incomplete one. */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-store' });
  if (!response.ok) throw new ConfigInvalid('config.json');
  return parseConfig(await response.json());
}
