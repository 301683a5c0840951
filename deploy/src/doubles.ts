import type { Address } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { type Artifact, readArtifact, refuseForeign } from './artifacts.ts';
import type { Deployer } from './deploy.ts';
import { DeployError } from './errors.ts';
import { MARKETS, type MarketPlan } from './network.ts';
import { DEVNET_PRICE_KEYS } from './publicKeys.ts';

/** What stands in on a devnet for contracts that exist on real chains. */
export interface Doubles {
  readonly pyth: Address;
  readonly usdc: Address;
  readonly uptimeFeed: Address;
  /** Of USDC, as of a symbol. */
  readonly usdcFeed: Feed;
  /** By symbol: the aggregator that is written to, and the proxy that is read. */
  readonly feeds: Readonly<Record<string, Feed>>;
}

/** Chainlink's doubles of one price. */
export interface Feed {
  readonly aggregator: Address;
  readonly proxy: Address;
}

/**
 * Deploys one contract and waits for it.
 * @throws {DeployError} When it is a double and the chain is not one of one machine.
 */
export async function deployContract(client: Deployer, artifact: Artifact, args: readonly unknown[]): Promise<Address> {
  refuseForeign(await client.getChainId(), artifact);
  const { name, abi, bytecode } = artifact;
  const hash = await client.deployContract({ abi, bytecode, args });
  const { contractAddress, status } = await client.waitForTransactionReceipt({ hash });
  if (status === 'success' && contractAddress) return contractAddress;
  throw new DeployError(`The deployment of ${name} reverted (${hash}).`, 'Nothing else was done; try again.');
}

/** The answers that a market's aggregator takes, 8 decimals: within what is credible, so that its bounds are what counts. */
export function answerBounds({ floor, ceiling }: Pick<MarketPlan, 'floor' | 'ceiling'>) {
  return { minAnswer: 2n * floor, maxAnswer: ceiling / 2n };
}

/**
 * Deploys the doubles a devnet needs; refused elsewhere.
 * @param transmitter Writes Chainlink's rounds.
 * @param minter Gives test USDC away.
 * @param now Chain time, seconds.
 */
export async function deployDoubles(
  client: Deployer,
  symbols: readonly string[],
  transmitter: Address,
  minter: Address,
  now: bigint,
): Promise<Doubles> {
  const trust = {
    guardians: DEVNET_PRICE_KEYS.map((key) => privateKeyToAddress(key)),
    quorum: 3,
    guardianSetIndex: 0,
    emitterChain: 26,
    emitter: '0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71',
  };
  const pyth = await deployContract(client, readArtifact('PythDouble'), [trust, 1n]);
  const usdc = await deployContract(client, readArtifact('UsdcDouble'), [minter]);
  const up = [transmitter, now - 86_400n];
  const uptimeFeed = await deployContract(client, readArtifact('UptimeDouble', 'ChainlinkDouble'), up);
  const feed = async (symbol: string, minAnswer: bigint, maxAnswer: bigint): Promise<Feed> => {
    const args = [`${symbol} / USD`, 8, minAnswer, maxAnswer, transmitter];
    const aggregator = await deployContract(client, readArtifact('AggregatorDouble', 'ChainlinkDouble'), args);
    const owner = [aggregator, client.account.address];
    const proxy = await deployContract(client, readArtifact('AggregatorProxyDouble', 'ChainlinkDouble'), owner);
    return { aggregator, proxy };
  };
  const usdcFeed = await feed('USDC', 1n, 10n ** 12n);
  const feeds: Record<string, Feed> = {};
  for (const symbol of symbols) {
    const known = MARKETS[symbol];
    if (!known) throw new DeployError(`Nothing is known of the market ${symbol}.`, 'Add it to the networks.');
    const { minAnswer, maxAnswer } = answerBounds(known);
    feeds[symbol] = await feed(symbol, minAnswer, maxAnswer);
  }
  return { pyth, usdc, uptimeFeed, usdcFeed, feeds };
}
