import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNTS, coinbase, type Devnet, readOptions, startDevnet } from '@tidemark/devnet';
import {
  accountId,
  batchOf,
  derivativesEngineAbi,
  marketOrder,
  orderOf,
  riskManagerAbi,
  tradeFillOf,
} from '@tidemark/sdk';
import type { Browser, Page } from 'playwright-core';
import { createPublicClient, http, parseAbi, parseUnits } from 'viem';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { drawn, launchBrowser, openPage } from './browser.ts';

// A trader's whole visit on a real chain, by clicks and keys on the page; what happened is read by a client of the test's
// own. The prices stand still unless the test moves them, so that the preview can be held against the fill digit by digit.

const WAD = 10n ** 18n;
const owner = ACCOUNTS.wallet.address;
const account = accountId(owner);
const tokenAbi = parseAbi(['function balanceOf(address owner) view returns (uint256)']);

const prices: Record<string, number> = { ETH: 2000, BTC: 60_000, SOL: 100, LINK: 10 };
let venue: Server;
let devnet: Devnet;
let browser: Browser;
let page: Page;
let problems: string[];

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

beforeAll(async () => {
  venue = createServer((request, response) => {
    const [, symbol = ''] = /products\/(\w+)-USD/.exec(request.url ?? '') ?? [];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ price: String(prices[symbol]) }));
  });
  await new Promise<void>((resolve) => venue.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(venue.address() as AddressInfo).port}`;
  const options = {
    ...readOptions(['--source', 'live', '--traders', '0']),
    port: await freePort(),
    rpcPort: await freePort(),
    pricesPort: await freePort(),
    metadataPort: await freePort(),
    graphqlPort: await freePort(),
  };
  const state = mkdtempSync(join(tmpdir(), 'devnet-'));
  devnet = await startDevnet({ ...options, state, venues: [coinbase(base)] }, () => {});
  browser = await launchBrowser();
  ({ page, problems } = await openPage(browser, { viewport: { width: 1440, height: 900 } }));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await devnet?.stop();
  venue?.close();
}, 60_000);

const chain = () => createPublicClient({ transport: http(devnet.urls.rpc), cacheTime: 0 });
const read = {
  margin: async () => (await engine('getAccount', [account])).margin,
  size: async () => (await engine('getPosition', [account, 0n])).size,
  usdc: () =>
    chain().readContract({
      address: devnet.deployment.usdc,
      abi: tokenAbi,
      functionName: 'balanceOf',
      args: [owner],
    }),
};

function engine<N extends 'getAccount' | 'getPosition'>(functionName: N, args: readonly unknown[]) {
  const call = { address: devnet.deployment.engine, abi: derivativesEngineAbi, functionName, args };
  return chain().readContract(call as never) as Promise<N extends 'getAccount' ? { margin: bigint } : { size: bigint }>;
}

const until = (what: () => Promise<void>) => vi.waitFor(what, { timeout: 30_000, interval: 100 });

async function fills() {
  const filter = { address: devnet.deployment.engine, abi: derivativesEngineAbi, fromBlock: 0n } as const;
  const logs = await chain().getContractEvents({
    ...filter,
    eventName: 'OrderFilled',
    args: { account },
    strict: true,
  });
  return logs.map(({ args, blockNumber }) => ({ ...tradeFillOf(args), blockNumber }));
}

const timeOf = async (blockNumber: bigint) => (await chain().getBlock({ blockNumber })).timestamp;

/** An order settles at most six seconds after the block that committed it. */
async function expectQuick(index: number): Promise<void> {
  const fill = (await fills())[index];
  const commits = await chain().getContractEvents({
    address: devnet.deployment.engine,
    abi: derivativesEngineAbi,
    eventName: 'BatchCommitted',
    fromBlock: 0n,
    strict: true,
  });
  const commit = commits.find(({ args }) => {
    const { market, index } = batchOf(args);
    return market === fill?.market && index === fill?.index;
  });
  if (!fill || !commit) throw new Error('The order has not filled.');
  expect((await timeOf(fill.blockNumber)) - (await timeOf(commit.blockNumber))).toBeLessThanOrEqual(6n);
}

/** @returns What was typed, USDC units. */
async function transfer(kind: 'deposit' | 'withdraw', amount: string | 'max'): Promise<bigint> {
  await page.getByTestId(kind).click();
  const field = page.getByTestId('transfer-amount');
  if (amount === 'max') await page.getByTestId('transfer-max').click();
  else await field.fill(amount);
  const assets = parseUnits(await field.inputValue(), 6);
  await page.locator('[data-testid="transfer-submit"][aria-disabled="false"]').click();
  return assets;
}

/** Whether the account would be liquidated if both sources said one price. */
async function liquidatable(price: bigint): Promise<boolean> {
  const [{ due }] = await chain().readContract({
    address: devnet.deployment.riskManager,
    abi: riskManagerAbi,
    functionName: 'previewLiquidation',
    args: [account, [{ mid: price, lo: price, hi: price, halfWidth: 0n, publishTime: 0n, state: 0 }]],
  });
  return due;
}

test('connect, deposit, open, watch, add margin, reduce, close, withdraw', { timeout: 180_000 }, async () => {
  await page.goto(devnet.urls.app);
  await drawn(page);
  await page.getByTestId('connect').click();
  await page.getByRole('button', { name: /Tidemark test wallet/ }).click();
  await page.getByTestId('faucet').click();
  await until(async () => expect(await read.usdc()).toBe(10_000_000_000n));

  await transfer('deposit', '5000');
  await until(async () => expect(await read.margin()).toBe(5000n * WAD));
  expect(await read.usdc()).toBe(5_000_000_000n);

  // Open a long: the preview is the fill, to the last digit.
  await page.getByTestId('transfer-amount').waitFor({ state: 'hidden' });
  await page.getByTestId('size').fill('10000');
  await page.locator('[data-testid="submit"][aria-disabled="false"]').waitFor();
  const promised = await page.getByTestId('preview-fill').innerText();
  const before = await chain().getBlockNumber();
  await page.getByTestId('submit').click();
  await page.getByTestId('toast').getByText('Long 5 ETH: committed, waiting for its price').waitFor();
  await page.reload();
  await until(async () => expect(await read.size()).toBe(5n * 10n ** 12n));
  await page.getByTestId('toast').getByText('Long 5 ETH: filled at 2,001.25, fees $5.10').waitFor();
  await expectQuick(0);
  const [opened] = await fills();
  if (!opened) throw new Error('The order has not filled.');
  const { sizeDelta, cost, fee, blockNumber } = opened;
  await page.getByTestId('position-ETH').waitFor();
  const cents = (cost + (sizeDelta * 10n ** 16n) / 2n) / (sizeDelta * 10n ** 16n);
  expect(promised.replace(/[,.]/g, '')).toBe(`${cents}`);
  const mid = 2000n * WAD;
  const half = (mid * 6n) / 10_000n;
  const [preview] = await chain().readContract({
    address: devnet.deployment.riskManager,
    abi: riskManagerAbi,
    functionName: 'previewOrder',
    args: [
      0n,
      orderOf(marketOrder({ account, sizeDelta })),
      { mid, lo: mid - half, hi: mid + half, halfWidth: half, publishTime: 0n, state: 0 },
    ],
    blockNumber: before,
  });
  expect({ cost: preview.cost, fee: preview.fee }).toEqual({ cost, fee });
  expect(blockNumber).toBeGreaterThan(before);
  const liquidation = BigInt((await page.getByTestId('liquidation-ETH').getAttribute('data-exact')) ?? '');
  const apart = liquidation / 1_000_000n;
  expect([await liquidatable(liquidation - apart), await liquidatable(liquidation + apart)]).toEqual([true, false]);

  // The price rises: so does the profit on the page.
  const pnl = async () => Number((await page.getByTestId('pnl-ETH').innerText()).replace(/[^0-9.+-]/g, ''));
  prices.ETH = 2010;
  await until(async () => expect(await pnl()).toBeGreaterThan(20));

  await transfer('deposit', '100');
  await until(async () => expect(await read.usdc()).toBe(4_900_000_000n));
  await page.getByTestId('transfer-amount').waitFor({ state: 'hidden' });

  // All that may leave leaves, although the position is valued at its worst.
  const held = { margin: await read.margin(), usdc: await read.usdc() };
  const left = await transfer('withdraw', 'max');
  expect(left).toBeGreaterThan(3_000_000_000n);
  await until(async () => expect(await read.usdc()).toBe(held.usdc + left));
  expect(await read.margin()).toBe(held.margin - left * 10n ** 12n);
  await page.getByTestId('transfer-amount').waitFor({ state: 'hidden' });

  // The price runs away after the quote: the order fails at its bound and costs the keeper's fee only.
  const kept = await read.margin();
  await page.getByTestId('slippage').selectOption('10');
  await page.getByTestId('size').fill('1000');
  const quoted = page.waitForResponse((response) => response.url().includes('/price/latest'));
  await page.getByTestId('submit').click();
  await quoted;
  prices.ETH = 2040;
  await page.getByTestId('toast').getByText('The fill would have cost more than the limit price allows.').waitFor();
  expect(await read.size()).toBe(5n * 10n ** 12n);
  expect(await read.margin()).toBe(kept - 10n ** 17n);

  // Reduce by half with an order, close the rest at once.
  await page.getByTestId('close-ETH').click();
  await page.getByTestId('part-50').click();
  await page.getByTestId('close-order').click();
  await until(async () => expect(await read.size()).toBe(25n * 10n ** 11n));
  await expectQuick(1);
  await page.getByTestId('close-dialog').waitFor({ state: 'hidden' });
  await page.getByTestId('close-ETH').click();
  await page.locator('[data-testid="close-now"]:not([disabled])').click();
  await until(async () => expect(await read.size()).toBe(0n));
  await page.getByTestId('close-dialog').waitFor({ state: 'hidden' });

  const margin = await read.margin();
  expect(margin).toBeGreaterThan(kept);
  const wallet = await read.usdc();
  await transfer('withdraw', 'max');
  await until(async () => expect(await read.margin()).toBeLessThan(10n ** 12n));
  expect(await read.usdc()).toBe(wallet + margin / 10n ** 12n);
  expect(problems).toEqual([]);
});
