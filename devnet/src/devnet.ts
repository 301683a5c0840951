import { fileURLToPath } from 'node:url';
import type { Deployment } from '@tidemark/deploy';
import { OrderBook, ROLES, startKeeper } from '@tidemark/keeper';
import { openStore, startGateway } from '@tidemark/metadata';
import { type Address, parseEther } from 'viem';
import { ACCOUNTS } from './accounts.ts';
import { requirePage, serveApp } from './appServer.ts';
import { CHAIN_ID, connect, requireFreePort, startChain } from './chain.ts';
import { Clock } from './clock.ts';
import { DevnetError, toLine } from './errors.ts';
import { makeExchange, PREPARATION, tokenAbi } from './exchange.ts';
import type { Faults } from './faults/faults.ts';
import { chainlinkFeeder, fedAggregators, uptimeFeeder, usdcFeeder } from './feeder.ts';
import type { DevnetOptions } from './options.ts';
import { type Choice, chooseSource } from './prices/chooseSource.ts';
import type { Venue } from './prices/live.ts';
import { goOn, requireSameBars } from './prices/origin.ts';
import type { PriceSource } from './prices/source.ts';
import { startPriceServer } from './server/priceServer.ts';
import { type Kept, StateFolder } from './stateFolder.ts';
import { simpleTrader } from './traders.ts';
import { bundleWallet } from './wallet/bundle.ts';

const SYMBOLS = ['ETH', 'BTC', 'SOL', 'LINK'] as const;
/** Metadata is taken while fewer blocks are kept, of 256 kB each at most. */
const MAX_BLOCKS = 4_096;

/** Options of the command line, and what only a program can give. */
export interface DevnetSettings extends DevnetOptions {
  /** Venues asked for live prices; the public ones when left out. */
  readonly venues?: readonly Venue[];
}

/** A running devnet. */
export interface Devnet {
  /** Addresses to visit. */
  readonly urls: Readonly<Record<'app' | 'rpc' | 'prices' | 'metadata' | 'graphql' | 'orders', string>>;
  /** Which source of prices. */
  readonly source: string;
  readonly clock: Clock;
  readonly deployment: Deployment;
  /** Called when it cannot go on; everything has been ended then. */
  onFailure(listener: (error: DevnetError) => void): void;
  stop(): Promise<void>;
}

const PAGE = fileURLToPath(new URL('../../app/dist', import.meta.url));

/**
 * Starts the whole exchange on this machine.
 * @param progress Told what happens, a line each.
 * @throws {DevnetError} {@link StoreFailedError} With what happened and what to do; everything started is ended before, and
 * what was kept is as it was.
 */
export async function startDevnet(options: DevnetSettings, progress: (line: string) => void): Promise<Devnet> {
  requirePage(PAGE);
  const folder = await StateFolder.open(options.state);
  await requireFreePort(options.port, '--port');
  await requireFreePort(options.rpcPort, '--rpc-port');
  await requireFreePort(options.pricesPort, '--prices-port');
  await requireFreePort(options.metadataPort, '--metadata-port');
  await requireFreePort(options.graphqlPort, '--graphql-port');
  const kept = options.fresh ? undefined : folder.read();
  const asked = kept ? goOn(kept.origin, options) : options;
  const choice = await chooseSource({ ...options, ...asked, symbols: SYMBOLS });

  const ending: (() => Promise<void>)[] = [() => choice.source.close()];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    if (kept) requireSameBars(kept.origin, choice.origin);
    progress(`prices: ${choice.source.name} (${kept ? 'as before' : choice.reason})`);
    return await assemble(options, { folder, kept, choice }, progress, ending, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ground {
  readonly folder: StateFolder;
  readonly kept: Kept | undefined;
  readonly choice: Choice;
}

async function assemble(
  options: DevnetSettings,
  { folder, kept, choice: { source, origin } }: Ground,
  progress: (line: string) => void,
  ending: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Devnet> {
  if (!kept) folder.clear();
  const chain = await startChain(options.rpcPort, folder.chainFile, source.start - PREPARATION);
  ending.push(async () => {
    await chain.stop();
    folder.unlock();
  });
  folder.lock(chain.pid);
  const listeners: ((error: DevnetError) => void)[] = [];
  let failed = false;
  const fail = (what: string) => {
    if (failed) return;
    failed = true;
    const error = new DevnetError(what, 'Start again: it goes on from the last state that was kept.');
    void stop().finally(() => {
      for (const listener of listeners) listener(error);
    });
  };
  chain.onExit(() => fail('The chain ended by itself.'));
  const state = kept ?? (await makeKept(chain.rpc, folder, { source, origin }, progress));
  const { deployment, doubles } = state;
  const admin = connect(chain.rpc, ACCOUNTS.admin);
  if (!(await admin.getCode({ address: deployment.engine }))) folder.mismatch();

  await admin.setAutomine(false);
  const last = Number((await admin.getBlock()).timestamp);
  if (kept) source.resumeAt?.(last);
  progress(kept ? `chain: resumed at ${new Date(last * 1000).toISOString()}` : 'chain: new');
  const clock = new Clock(last, options.speed, {
    mine: (timestamp) => admin.request({ method: 'evm_mine', params: [{ timestamp }] } as never),
  });

  const prices = await startPriceServer({
    port: options.pricesPort,
    source,
    feeds: Object.fromEntries(deployment.markets.map(({ symbol, feedId }) => [symbol, feedId])),
    now: clock.now,
  });
  ending.push(() => prices.close());
  const pricesUrl = `http://127.0.0.1:${options.pricesPort}`;

  const store = await openStore({ folder: folder.metadataFolder }, progress);
  const gateway = await startGateway({ port: options.metadataPort, store, maxBlocks: MAX_BLOCKS, warn: progress });
  ending.push(() => gateway.close());
  const metadata = `http://127.0.0.1:${options.metadataPort}`;

  clock.start((error) => fail(`The chain makes no blocks any more: ${toLine(error)}`));
  ending.push(() => clock.stop());
  run(clock, chain.rpc, source, state, prices.faults, options, ending);
  if (source.end !== undefined) tellEnd(clock, source.end, progress);
  const pollMs = Math.max(25, 500 / options.speed);
  const { engine } = deployment;
  const port = options.graphqlPort;
  // Loaded when all else is right: what refuses a start does not wait for it.
  const { startHistory } = await import('./history.ts');
  const history = await startHistory({ rpc: chain.rpc, deployment, folder, metadata, port, pollMs, warn: progress });
  ending.push(() => history.close());
  const graphql = `${history.url}/graphql`;
  const book = await OrderBook.open({
    client: connect(chain.rpc, ACCOUNTS.keeper),
    engine,
    services: [{ url: history.url }],
    pollMs,
  });
  ending.push(() => book.close());
  const keeper = await startKeeper({
    rpcs: [chain.rpc],
    engine,
    riskManager: deployment.riskManager,
    vault: deployment.vault,
    governor: deployment.governance.governor,
    guardian: deployment.governance.emergencyGuardian,
    prices: [{ url: pricesUrl }],
    signer: ACCOUNTS.keeper,
    // It is there for the exchange to run, not to earn.
    atLoss: ROLES,
    orders: book,
    pollMs,
  });
  ending.push(() => keeper.stop());

  const app = `http://127.0.0.1:${options.port}`;
  const faucet = makeFaucet(chain.rpc, doubles.usdc);
  const server = await serveApp({
    port: options.port,
    folder: PAGE,
    config: {
      ...deployment,
      rpc: chain.rpc,
      prices: pricesUrl,
      metadata,
      graphql,
      orders: history.url,
      faucet: `${app}/faucet`,
      testWallet: true,
      markets: deployment.markets.map((market) => ({ ...market, ...DIGITS[market.symbol] })),
    },
    wallet: await bundleWallet(chain.rpc, CHAIN_ID),
    faucet,
  });
  ending.push(() => server.close());
  const urls = { app, rpc: chain.rpc, prices: pricesUrl, metadata, graphql, orders: history.url };
  const onFailure = (listener: (error: DevnetError) => void) => void listeners.push(listener);
  return { urls, source: source.name, clock, deployment, onFailure, stop };
}

/** A new exchange on a new chain. */
async function makeKept(
  rpc: string,
  folder: StateFolder,
  { source, origin }: Pick<Choice, 'source' | 'origin'>,
  progress: (line: string) => void,
): Promise<Kept> {
  const symbols = SYMBOLS.filter((symbol) => source.symbols.includes(symbol));
  const kept = { origin, ...(await makeExchange(rpc, source, symbols, progress)) };
  folder.write(kept);
  return kept;
}

/** Says once when a replay is over. */
function tellEnd(clock: Clock, end: number, progress: (line: string) => void): void {
  let told = false;
  clock.onBlock((now) => {
    if (told || now < end) return;
    told = true;
    progress(`the history ends at ${new Date(end * 1000).toISOString()}: there are no more prices`);
  });
}

const DIGITS: Readonly<Record<string, { priceDecimals: number; sizeDecimals: number }>> = {
  ETH: { priceDecimals: 2, sizeDecimals: 4 },
  BTC: { priceDecimals: 1, sizeDecimals: 5 },
  SOL: { priceDecimals: 3, sizeDecimals: 2 },
  LINK: { priceDecimals: 3, sizeDecimals: 2 },
};

/** What happens after each block: Chainlink's rounds, those of the uptime feed and of USDC's, and the traders' orders. */
function run(
  clock: Clock,
  rpc: string,
  source: PriceSource,
  state: Kept,
  faults: Faults,
  options: DevnetOptions,
  ending: (() => Promise<void>)[],
): void {
  const feeder = connect(rpc, ACCOUNTS.feeder);
  const { deployment, doubles, origin } = state;
  const feedChainlink = chainlinkFeeder(feeder, source, fedAggregators(state), faults);
  const feedUptime = uptimeFeeder(feeder, state, faults);
  const feedUsdc = usdcFeeder(feeder, doubles.usdcFeed.aggregator, faults);
  const markets = deployment.markets.map(({ id, symbol }) => ({
    id,
    price: () => source.quoteAt(symbol, clock.now())?.price,
  }));
  const delegate = connect(rpc, ACCOUNTS.delegate);
  const traders = ACCOUNTS.traders
    .slice(0, options.traders)
    .map((trader, i) =>
      simpleTrader(connect(rpc, trader), delegate, deployment.engine, markets, origin.seed * 100 + i),
    );
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  clock.onBlock((now) => {
    for (const trade of traders) void trade(now);
    if (busy) return;
    busy = true;
    running = feedChainlink(now)
      .then(() => feedUptime(now))
      .then(() => feedUsdc(now))
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  });
  ending.push(() => running.then(() => undefined));
}

/** Gives gas and test USDC. */
function makeFaucet(rpc: string, usdc: Address): (to: Address) => Promise<void> {
  const client = connect(rpc, ACCOUNTS.faucet);
  const assets = 10_000n * 10n ** 6n;
  let queue: Promise<unknown> = Promise.resolve();
  return (to) => {
    const given = queue.then(async () => {
      await client.sendTransaction({ to, value: parseEther('1') });
      const hash = await client.writeContract({
        address: usdc,
        abi: tokenAbi,
        functionName: 'mint',
        args: [to, assets],
        gas: 120_000n,
      });
      await client.waitForTransactionReceipt({ hash });
    });
    queue = given.catch(() => undefined);
    return given;
  };
}
