import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Deployment, MARKETS } from '@tidemark/deploy';
import { startKeeper } from '@tidemark/keeper';
import { type Address, parseEther } from 'viem';
import { ACCOUNTS, privateKeyOf } from './accounts.ts';
import { serveApp } from './appServer.ts';
import { CHAIN_ID, connect, requireFreePort, startChain } from './chain.ts';
import { Clock } from './clock.ts';
import { DevnetError } from './errors.ts';
import { makeExchange, PREPARATION, type State, tokenAbi } from './exchange.ts';
import { chainlinkFeeder } from './feeder.ts';
import type { DevnetOptions } from './options.ts';
import { chooseSource } from './prices/chooseSource.ts';
import type { Venue } from './prices/live.ts';
import type { PriceSource } from './prices/source.ts';
import { startPriceServer } from './server/priceServer.ts';
import { simpleTrader } from './traders.ts';
import { bundleWallet } from './wallet/bundle.ts';

/** Chainlink's time from observation to the round on the chain, seconds. */
const CHAINLINK_LATENCY = 10;
const SYMBOLS = ['ETH', 'BTC', 'SOL', 'LINK'] as const;

/** Options of the command line, and what only a program can give. */
export interface DevnetSettings extends DevnetOptions {
  /** Venues asked for live prices; the public ones when left out. */
  readonly venues?: readonly Venue[];
}

/** A running devnet. */
export interface Devnet {
  /** Addresses to visit. */
  readonly urls: { readonly app: string; readonly rpc: string; readonly prices: string };
  /** Which source of prices, and why. */
  readonly source: string;
  readonly clock: Clock;
  readonly deployment: Deployment;
  stop(): Promise<void>;
}

/**
 * Starts the whole exchange on this machine.
 * @param progress Told what happens, a line each.
 * @throws {DevnetError} With what happened and what to do; everything started is ended before.
 */
export async function startDevnet(options: DevnetSettings, progress: (line: string) => void): Promise<Devnet> {
  await requireFreePort(options.port, '--port');
  await requireFreePort(options.rpcPort, '--rpc-port');
  await requireFreePort(options.pricesPort, '--prices-port');
  if (options.fresh) rmSync(options.state, { recursive: true, force: true });
  mkdirSync(options.state, { recursive: true });

  const ending: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    return await assemble(options, progress, ending, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  options: DevnetSettings,
  progress: (line: string) => void,
  ending: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Devnet> {
  const stateFile = join(options.state, 'chain.json');
  const deploymentFile = join(options.state, 'devnet.json');
  const resumes = existsSync(stateFile) && existsSync(deploymentFile);
  if (!resumes) rmSync(stateFile, { force: true });

  const chosen = await chooseSource({ ...options, symbols: SYMBOLS });
  const source: PriceSource = chosen.source;
  ending.push(() => source.close());
  progress(`prices: ${source.name} (${chosen.reason})`);

  const chain = await startChain(options.rpcPort, stateFile, source.start - PREPARATION);
  ending.push(() => chain.stop());
  const admin = connect(chain.rpc, ACCOUNTS.admin);
  const last = Number((await admin.getBlock()).timestamp);
  if (resumes) source.resumeAt?.(last);
  progress(resumes ? `chain: resumed at ${new Date(last * 1000).toISOString()}` : 'chain: new');

  const symbols = SYMBOLS.filter((symbol) => source.symbols.includes(symbol));
  let state: State;
  if (resumes) {
    state = JSON.parse(readFileSync(deploymentFile, 'utf8')) as State;
    const missing = state.deployment.markets.find(({ symbol }) => !source.symbols.includes(symbol));
    if (missing) {
      throw new DevnetError(
        `The chain lists ${missing.symbol}, of which the source "${source.name}" has no prices.`,
        'Start with the source it was made with, or with --fresh.',
      );
    }
  } else {
    state = await makeExchange(chain.rpc, source, symbols, progress);
    writeFileSync(deploymentFile, JSON.stringify(state, null, 2));
  }
  const { deployment, doubles } = state;

  await admin.setAutomine(false);
  const clock = new Clock(Number((await admin.getBlock()).timestamp), options.speed, {
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

  clock.start();
  ending.push(() => clock.stop());
  run(clock, chain.rpc, source, state, options, ending);
  const keeper = await startKeeper({
    rpc: chain.rpc,
    engine: deployment.engine,
    vault: deployment.vault,
    prices: pricesUrl,
    privateKey: privateKeyOf(ACCOUNTS.keeper),
    pollMs: Math.max(25, 500 / options.speed),
  });
  ending.push(() => keeper.stop());

  const app = `http://127.0.0.1:${options.port}`;
  const faucet = makeFaucet(chain.rpc, doubles.usdc);
  const server = await serveApp({
    port: options.port,
    folder: fileURLToPath(new URL('../../app/dist', import.meta.url)),
    config: {
      ...deployment,
      rpc: chain.rpc,
      prices: pricesUrl,
      faucet: `${app}/faucet`,
      testWallet: true,
      markets: deployment.markets.map((market) => ({ ...market, ...DIGITS[market.symbol] })),
    },
    wallet: await bundleWallet(chain.rpc, CHAIN_ID),
    faucet,
  });
  ending.push(() => server.close());
  chain.onExit(() => void stop());
  return { urls: { app, rpc: chain.rpc, prices: pricesUrl }, source: source.name, clock, deployment, stop };
}

const DIGITS: Readonly<Record<string, { priceDecimals: number; sizeDecimals: number }>> = {
  ETH: { priceDecimals: 2, sizeDecimals: 4 },
  BTC: { priceDecimals: 1, sizeDecimals: 5 },
  SOL: { priceDecimals: 3, sizeDecimals: 2 },
  LINK: { priceDecimals: 3, sizeDecimals: 2 },
};

/** What happens after each block: Chainlink's rounds and the traders' orders. */
function run(
  clock: Clock,
  rpc: string,
  source: PriceSource,
  { deployment, doubles }: State,
  options: DevnetOptions,
  ending: (() => Promise<void>)[],
): void {
  const feeds = deployment.markets.flatMap(({ symbol }) => {
    const known = MARKETS[symbol];
    const aggregator = doubles.feeds[symbol]?.aggregator;
    if (!known || !aggregator) return [];
    const { thresholdPpm, heartbeat } = known;
    return [{ symbol, aggregator, settings: { thresholdPpm, heartbeat, latency: CHAINLINK_LATENCY } }];
  });
  const feed = chainlinkFeeder(connect(rpc, ACCOUNTS.feeder), source, feeds);
  const markets = deployment.markets.map(({ id, symbol }) => ({
    id,
    price: () => source.quoteAt(symbol, clock.now())?.price,
  }));
  const traders = ACCOUNTS.traders
    .slice(0, options.traders)
    .map((trader, i) => simpleTrader(connect(rpc, trader), deployment.engine, markets, options.seed * 100 + i));
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  clock.onBlock((now) => {
    for (const trade of traders) void trade(now);
    if (busy) return;
    busy = true;
    running = feed(now)
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
