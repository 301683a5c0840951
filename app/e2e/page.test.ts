import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from './browser.ts';
import { servePicture } from './servers.ts';

let browser: Browser;
let site: Awaited<ReturnType<typeof servePicture>>;

beforeAll(async () => {
  site = await servePicture();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  site?.close();
});

const views = [
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'mobile', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

async function open(view: (typeof views)[number]): Promise<{ page: Page; problems: string[] }> {
  const { name, ...options } = view;
  const page = await (await browser.newContext(options)).newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).hostname !== '127.0.0.1')
      problems.push(request.url());
  });
  await page.goto(site.url);
  return { page, problems };
}

describe.each(views)('$name', (view) => {
  test('renders market, chart and account without an error, a violation or a foreign request', async () => {
    const { page, problems } = await open(view);
    await page.getByTestId('connect').click();
    await page.getByRole('button', { name: /Picture wallet/ }).click();
    await page.getByTestId('position-ETH').waitFor();
    await page.locator('[data-testid="chart"][data-candles]:not([data-candles="0"])').waitFor();
    expect(await page.getByTestId('last-price').innerText()).toContain('2,751.42');
    expect(await page.getByTestId('pnl-ETH').innerText()).toBe('+$202.36');
    expect(await page.getByTestId('liquidation-BTC').innerText()).not.toBe('—');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('the ticket previews an order and says why it cannot be sent', async () => {
    const { page } = await open(view);
    await page.getByTestId('connect').click();
    await page.getByRole('button', { name: /Picture wallet/ }).click();
    await page.getByTestId('position-ETH').waitFor();
    if (view.name === 'mobile') await page.getByTestId('sheet-short').click();
    expect(await page.getByTestId('why-disabled').textContent()).toBe('Enter a size.');
    await page.getByTestId('size').fill('2500');
    await page.locator('[data-testid="submit"][aria-disabled="false"]').waitFor();
    expect(await page.getByTestId('preview-fill').textContent()).toMatch(/^2,7\d\d\.\d\d$/);
    await page.getByTestId('size').fill('99999999');
    expect(await page.getByTestId('why-disabled').textContent()).toContain('margin');
    await page.context().close();
  });
});

test('the script that loads first stays within 200 KiB, compressed', () => {
  const read = (path: string) => readFileSync(new URL(`../dist/${path}`, import.meta.url));
  const manifest = JSON.parse(read('.vite/manifest.json').toString()) as Record<
    string,
    { file: string; imports?: string[] }
  >;
  const graph = new Set<string>();
  const visit = (key: string) => {
    if (graph.has(key)) return;
    graph.add(key);
    for (const next of manifest[key]?.imports ?? []) visit(next);
  };
  visit('index.html');
  const bytes = [...graph].reduce((sum, key) => sum + gzipSync(read(manifest[key]?.file ?? '')).length, 0);
  expect(bytes).toBeGreaterThan(50 * 1024);
  expect(bytes).toBeLessThanOrEqual(200 * 1024);
});
