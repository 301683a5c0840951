import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectPicture, drawn, launchBrowser, openPage } from './browser.ts';
import { type Picture, servePicture } from './servers.ts';

// What the page says and does when something is wrong or moves; the world around it is changed while it looks.

let browser: Browser;
let site: Picture;
let page: Page;
let problems: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  site = await servePicture();
  ({ page, problems } = await openPage(browser, { viewport: { width: 1440, height: 900 } }));
});
afterEach(async () => {
  await page.context().close();
  site.close();
});

async function connected(): Promise<void> {
  await page.goto(site.url);
  await drawn(page);
  await connectPicture(page);
  await page.getByTestId('size').fill('2500');
  await page.locator('[data-testid="submit"][aria-disabled="false"]').waitFor();
}

const notice = (text: string | RegExp) => page.getByTestId('notice').getByText(text).waitFor();
const noNotice = () => page.locator('[data-testid="notice"]:empty').waitFor({ state: 'attached' });
const why = (text: string | RegExp) => page.getByTestId('why-disabled').getByText(text).waitFor();

test('a wallet on another chain is asked to switch', async () => {
  await page.addInitScript(() => Object.assign(window, { walletChain: '0x1' }));
  await page.goto(site.url);
  await connectPicture(page);
  await why('Your wallet is on another chain. Switch it.');
  expect(await page.getByTestId('submit').count()).toBe(0);
  await page.getByTestId('next-switch').click();
  await page.getByTestId('account').waitFor();
  await why('Enter a size.');
  expect(problems).toEqual([]);
});

test('an order declined in the wallet is told and kept', async () => {
  await connected();
  await page.getByTestId('submit').click();
  await page.getByTestId('toast').getByText('Long 0.9086 ETH: declined in the wallet, nothing was sent').waitFor();
  expect(await page.getByTestId('announcement').textContent()).toContain('declined');
  expect(await page.getByTestId('size').inputValue()).toBe('2500');
  expect(await page.getByTestId('submit').getAttribute('aria-disabled')).toBe('false');
});

test('a lost chain stops trading, keeps what was read, and comes back by itself', async () => {
  await connected();
  site.world.chain = false;
  await notice('The chain does not answer; asking again. What is shown is of block 128,441,902.');
  await why('The chain does not answer. Wait until it does.');
  expect(await page.getByTestId('position-ETH').count()).toBe(1);
  site.world.chain = true;
  await noNotice();
  await page.locator('[data-testid="submit"][aria-disabled="false"]').waitFor();
});

test('a lost price stream is told, an old price stops orders, and the stream is taken up again', async () => {
  await connected();
  site.world.prices = false;
  site.cut();
  await notice('The price stream is lost; connecting again. What is shown may be out of date.');
  site.world.seconds = 60;
  await why('The price is 61 s old. Wait for a fresh one.');
  site.world.prices = true;
  await noNotice();
  await page.locator('[data-testid="submit"][aria-disabled="false"]').waitFor();
});

test('a halted exchange takes no order and no withdrawal', async () => {
  await connected();
  Object.assign(site.world, { pauseLevel: 2, seconds: 2 });
  await notice('The exchange is halted: only deposits work. Wait until it resumes.');
  await why('The exchange is halted. Wait until it resumes.');
  await page.getByTestId('withdraw').click();
  await page.getByTestId('transfer-why').getByText('The exchange is halted. Withdraw when it resumes.').waitFor();
});

test('price sources that disagree widen the spread, and halt the market when they disagree too far', async () => {
  await connected();
  const spread = () => page.getByTestId('preview-impact').textContent();
  expect(await spread()).toMatch(/· \+0\.040%$/);
  Object.assign(site.world, { chainlink: 1.03, seconds: 2 });
  await notice('Pyth and Chainlink disagree: fills pay the worse of both.');
  expect(await spread()).toMatch(/· \+3\.515%$/);
  Object.assign(site.world, { chainlink: 1.1, seconds: 4 });
  await notice(/disagree too far: the market is halted/);
  await why(/disagree too far: the market is halted/);
  expect(await page.getByTestId('submit').getAttribute('aria-disabled')).toBe('true');
});

test('orders tell how they ended: price and fees, the reason with what to do, or their expiry', async () => {
  await page.goto(site.url);
  await connectPicture(page);
  await page.getByTestId('tab-orders').click();
  const told = (status: string) =>
    page.locator(`[data-testid="order"][data-status="${status}"] [data-testid="order-detail"]`).allTextContents();
  await page.getByTestId('order').first().waitFor();
  expect(await told('filled')).toEqual(['at 97,420.0, fees $5.20', 'at 2,702.00, fees $5.20']);
  expect(await told('failed')).toEqual([
    'The fill would have cost more than the limit price allows. Allow a wider limit, or trade a smaller size.',
  ]);
  expect(await told('expired')).toEqual(['No keeper settled it within a minute. Order again.']);
});

test('the chart moves its last candle, begins the next, and changes resolution without a gap', async () => {
  await page.goto(site.url);
  await drawn(page);
  const chart = page.getByTestId('chart');
  const first = Number(await chart.getAttribute('data-candles'));
  Object.assign(site.world, { eth: 2760, seconds: 30 });
  site.tick();
  await page.locator('[data-testid="chart"][data-last="2760"]').waitFor();
  expect(await chart.getAttribute('data-candles')).toBe(`${first}`);
  Object.assign(site.world, { eth: 2755, seconds: 62 });
  site.tick();
  await page.locator(`[data-testid="chart"][data-candles="${first + 1}"][data-last="2755"]`).waitFor();
  await page.getByTestId('last-price').getByText('2,755.00').waitFor();
  expect(await page.getByTestId('last-price').getAttribute('class')).toContain('down');
  await page.getByTestId('interval-1h').click();
  await page.locator('[data-testid="interval-1h"][aria-pressed="true"]').waitFor();
  await drawn(page);
  expect(await page.getByTestId('chart-summary').textContent()).toMatch(/^ETH, \d+ candles of 1h: from /);
  await page.getByTestId('chart').hover({ position: { x: 300, y: 200 } });
  await page
    .getByTestId('legend')
    .getByText(/^11-\d\d \d\d:00$/)
    .waitFor();
});
