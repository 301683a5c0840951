import {
  type Deployment,
  type Doubles,
  deploy,
  deployContract,
  deployDoubles,
  type HolderRole,
  type Journal,
  MARKETS,
  type MarketPlan,
  readArtifact,
} from '@tidemark/deploy';
import {
  accountId,
  derivativesEngineAbi,
  governanceTokenAbi,
  liquidityVaultAbi,
  Permission,
  pythAbi,
  setDelegate,
} from '@tidemark/sdk';
import { type Address, type Hex, maxUint256, parseAbi } from 'viem';
import { ACCOUNTS } from './accounts.ts';
import { CHAIN_ID, connect } from './chain.ts';
import { DevnetError } from './errors.ts';
import { type PriceMessage, writeUpdate } from './feeds/accumulatorWriter.ts';
import type { PriceSource } from './prices/source.ts';
import { deploySafes } from './safes.ts';

/** Chain seconds before the prices' beginning at which a new chain begins: the pool's first epoch passes in it. */
export const PREPARATION = 3900;
/** Seconds of an hour in which no epoch is settled, and how much earlier it then is. */
const EPOCH_DELAY = 15;
const EARLIER = 60;

export const tokenAbi = parseAbi([
  'function mint(address to, uint256 assets)',
  'function approve(address spender, uint256 assets) returns (bool)',
  'function balanceOf(address owner) view returns (uint256)',
]);
const transmitAbi = parseAbi(['function transmit(int192 answer, uint64 updatedAt)']);

/** An exchange on a chain, and the doubles it stands on. */
export interface State {
  readonly doubles: Doubles;
  /** Through which the uptime feed is read, as on real chains. */
  readonly uptimeProxy: Address;
  readonly deployment: Deployment;
}

const POOL = 5_000_000n * 10n ** 6n;
const INSURANCE = 100_000n * 10n ** 6n;
const TRADER = 50_000n * 10n ** 6n;
/** What the traders let their delegate do: open and reduce, in every market, without end. */
const DELEGATION = {
  expiry: 2n ** 40n - 1n,
  markets: 2n ** 64n - 1n,
  permissions: Permission.Open | Permission.Reduce,
  dailyLimit: 1_000_000n,
};

/** The holders of the governance token and whom their votes are delegated to: each to themselves, but for one. */
const HOLDERS: Readonly<Record<HolderRole, (typeof ACCOUNTS.traders)[number]>> = {
  contributors: ACCOUNTS.liquidityProvider,
  backers: ACCOUNTS.traders[0],
  liquidity: ACCOUNTS.traders[1],
  community: ACCOUNTS.wallet,
};
const DELEGATES = { ...HOLDERS, liquidity: HOLDERS.backers };

/** A new chain: the doubles, first prices, the exchange, its pool, and the traders' margin. */
export async function makeExchange(
  rpc: string,
  source: PriceSource,
  symbols: readonly string[],
  progress: (line: string) => void,
): Promise<State> {
  const admin = connect(rpc, ACCOUNTS.admin);
  const now = (await admin.getBlock()).timestamp;
  progress('deploying the doubles');
  const doubles = await deployDoubles(admin, symbols, ACCOUNTS.feeder.address, ACCOUNTS.faucet.address, now);
  await publish(rpc, source, symbols, doubles);
  const markets = symbols.map((symbol): MarketPlan => {
    const known = MARKETS[symbol];
    const feed = doubles.feeds[symbol];
    if (!known || !feed) throw new DevnetError(`Nothing is known of the market ${symbol}.`, 'Add it to the networks.');
    return { ...known, chainlink: feed.proxy };
  });
  const { pyth, usdc, usdcFeed } = doubles;
  const proxy = readArtifact('AggregatorProxyDouble', 'ChainlinkDouble');
  const uptimeProxy = await deployContract(admin, proxy, [doubles.uptimeFeed, ACCOUNTS.feeder.address]);
  const sources = { pyth, uptimeFeed: uptimeProxy, usdc, usdcFeed: usdcFeed.proxy };
  progress('making the Safes');
  const { make } = await deploySafes(admin);
  const governance = {
    guardian: await make(ACCOUNTS.guardians, 3),
    council: await make(ACCOUNTS.councillors, 5),
    steward: await make(ACCOUNTS.stewards, 2),
    holders: {
      contributors: HOLDERS.contributors.address,
      backers: HOLDERS.backers.address,
      liquidity: HOLDERS.liquidity.address,
      community: HOLDERS.community.address,
    },
  };
  const plan = { chainId: CHAIN_ID, ...sources, governance, markets };
  const deployment = await deploy(admin, plan, memoryJournal(), (step) => progress(`deploying: ${step}`));
  progress('funding the traders and the insurance');
  await fund(rpc, deployment, doubles);
  await delegateVotes(rpc, deployment);
  progress('opening the pool');
  await openPool(rpc, source, symbols, { deployment, doubles });
  return { doubles, uptimeProxy, deployment };
}

/** Writes the present price of every symbol to Chainlink's and Pyth's doubles. */
export async function publish(
  rpc: string,
  source: PriceSource,
  symbols: readonly string[],
  doubles: Doubles,
): Promise<void> {
  const feeder = connect(rpc, ACCOUNTS.feeder);
  const publishTime = Number((await feeder.getBlock()).timestamp);
  const messages: PriceMessage[] = [];
  for (const symbol of symbols) {
    const quote = source.quoteAt(symbol, Math.max(publishTime, source.start));
    const known = MARKETS[symbol];
    const feed = doubles.feeds[symbol];
    if (!quote || !known || !feed)
      throw new DevnetError(`No price of ${symbol} at the start.`, 'Choose another --from.');
    const { price, confidence } = quote;
    messages.push({ id: known.feedId, price, confidence, expo: -8, publishTime, prevPublishTime: publishTime - 1 });
    const hash = await feeder.writeContract({
      address: feed.aggregator,
      abi: transmitAbi,
      functionName: 'transmit',
      args: [price, BigInt(publishTime)],
    });
    await mined(rpc, hash);
  }
  const hash = await feeder.writeContract({
    address: doubles.pyth,
    abi: pythAbi,
    functionName: 'updatePriceFeeds',
    args: [[await writeUpdate(messages)]],
    value: BigInt(messages.length),
  });
  await mined(rpc, hash);
}

async function mined(rpc: string, hash: Hex): Promise<void> {
  const { status } = await connect(rpc, ACCOUNTS.admin).waitForTransactionReceipt({ hash });
  if (status !== 'success') throw new DevnetError(`A step failed in ${hash}.`, 'Start again with --fresh.');
}

function memoryJournal(): Journal {
  const done = new Map<string, Hex>();
  return { read: (step) => done.get(step), write: (step, value) => void done.set(step, value) };
}

async function mint(rpc: string, usdc: Address, to: Address, assets: bigint): Promise<void> {
  const faucet = connect(rpc, ACCOUNTS.faucet);
  await mined(
    rpc,
    await faucet.writeContract({ address: usdc, abi: tokenAbi, functionName: 'mint', args: [to, assets] }),
  );
}

async function fund(rpc: string, { engine }: Deployment, { usdc }: Doubles): Promise<void> {
  const admin = connect(rpc, ACCOUNTS.admin);
  const abi = derivativesEngineAbi;
  const approval = { address: usdc, abi: tokenAbi, functionName: 'approve', args: [engine, maxUint256] } as const;
  await mint(rpc, usdc, admin.account.address, INSURANCE);
  await mined(rpc, await admin.writeContract(approval));
  await mined(
    rpc,
    await admin.writeContract({ address: engine, abi, functionName: 'fundInsurance', args: [INSURANCE] }),
  );
  for (const trader of ACCOUNTS.traders) {
    const client = connect(rpc, trader);
    await mint(rpc, usdc, trader.address, TRADER);
    await mined(rpc, await client.writeContract(approval));
    const args = [accountId(trader.address), TRADER] as const;
    await mined(rpc, await client.writeContract({ address: engine, abi, functionName: 'deposit', args }));
    await mined(rpc, await setDelegate(client, { engine, delegate: ACCOUNTS.delegate.address, ...DELEGATION }));
  }
}

async function delegateVotes(rpc: string, { governance }: Deployment): Promise<void> {
  // More gas than an estimate, which is too low when it is made within the second of the last delegation to the same.
  const call = { address: governance.token, abi: governanceTokenAbi, functionName: 'delegate', gas: 300_000n } as const;
  for (const role of Object.keys(HOLDERS) as HolderRole[]) {
    const args = [DELEGATES[role].address] as const;
    await mined(rpc, await connect(rpc, HOLDERS[role]).writeContract({ ...call, args }));
  }
}

/**
 * The first liquidity: requested in one epoch, executed in the next one. Its shares are claimed once the deposit lock has
 * passed. No epoch is settled in the first seconds of an hour: prices that begin there find it settled before.
 */
async function openPool(
  rpc: string,
  source: PriceSource,
  symbols: readonly string[],
  { deployment, doubles }: Pick<State, 'deployment' | 'doubles'>,
): Promise<void> {
  const provider = connect(rpc, ACCOUNTS.liquidityProvider);
  const me = provider.account.address;
  const { vault: address, engine } = deployment;
  const abi = liquidityVaultAbi;
  await mint(rpc, doubles.usdc, me, POOL);
  const approval = {
    address: doubles.usdc,
    abi: tokenAbi,
    functionName: 'approve',
    args: [engine, maxUint256],
  } as const;
  await mined(rpc, await provider.writeContract(approval));
  const args = [POOL, me, me] as const;
  const requested = await provider.writeContract({ address, abi, functionName: 'requestDeposit', args });
  await mined(rpc, requested);

  const early = source.start % 3600 < EPOCH_DELAY;
  await priceAt(early ? source.start - EARLIER : source.start);
  await mined(rpc, await provider.writeContract({ address, abi, functionName: 'settleEpoch', args: [[]] }));
  if (early) await priceAt(source.start);

  async function priceAt(time: number): Promise<void> {
    await provider.setNextBlockTimestamp({ timestamp: BigInt(time) });
    await provider.mine({ blocks: 1 });
    await publish(rpc, source, symbols, doubles);
  }
}
