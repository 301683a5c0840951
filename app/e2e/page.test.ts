import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectPicture, drawn, launchBrowser, openPage } from './browser.ts';
import { type Picture, servePicture } from './servers.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let site: Picture;

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
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 720 } },
  { name: 'tablet', colorScheme: 'light', viewport: { width: 768, height: 1024 } },
  { name: 'mobile', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

/** What axe finds against WCAG 2.2 AA and its best practice. */
async function hindrances(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
}

describe.each(views)('$name', (view) => {
  const { name, ...options } = view;
  const small = view.viewport.width <= 820;

  test('a visitor reads market, chart and account without an error, a violation or a foreign request', async () => {
    const { page, problems } = await openPage(browser, options);
    await page.goto(site.url);
    await drawn(page);
    expect(await hindrances(page)).toEqual([]);
    await connectPicture(page);
    await page.getByTestId('pnl-parts-ETH').getByText('fees −$5.20').waitFor();
    expect(await page.getByTestId('last-price').innerText()).toContain('2,751.42');
    expect(await page.title()).toBe('2,751.42 · ETH · Tidemark');
    expect(await page.getByTestId('funding-payer').textContent()).toBe(', longs pay');
    expect(await page.getByTestId('pnl-ETH').innerText()).toBe('+$202.36');
    expect(await page.getByTestId('liquidation-BTC').innerText()).toMatch(/^1\d\d,\d{3}\.\d$/);
    expect(await hindrances(page)).toEqual([]);
    const cut = await page.evaluate(() =>
      ['html', '#panel-tables', '.side-panel', '.market-bar'].filter((part) => {
        const element = document.querySelector(part);
        return element && element.scrollWidth > element.clientWidth;
      }),
    );
    expect(cut).toEqual([]);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('the ticket previews an order, says why it cannot be sent, and keeps its button in sight', async () => {
    const { page } = await openPage(browser, options);
    await page.goto(site.url);
    await connectPicture(page);
    if (small) await page.getByTestId('sheet-short').click();
    const why = page.getByTestId('why-disabled');
    expect(await why.textContent()).toBe('Enter a size.');
    await page.getByTestId('size').fill('2500');
    await page.locator('[data-testid="submit"][aria-disabled="false"]').waitFor();
    expect(await page.getByTestId('preview-fill').textContent()).toMatch(/^2,7\d\d\.\d\d$/);
    const liquidation = async (row: string) => BigInt((await page.getByTestId(row).getAttribute('data-exact')) ?? '');
    // The picture's account receives more funding for its short than it pays for what it is long.
    expect(await liquidation('preview-liquidation-day')).toBeLessThan(await liquidation('preview-liquidation'));
    const box = await page.getByTestId('submit').boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(view.viewport.height);
    expect(await hindrances(page)).toEqual([]);
    await page.getByTestId('size').fill('99999999');
    expect(await why.textContent()).toContain('margin');
    await page.context().close();
  });
});

test('an order is written by keys alone', async () => {
  const { page } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  await page.goto(site.url);
  await page.getByTestId('connect').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('wallet-test.picture').waitFor();
  await page.keyboard.press('Enter');
  await page.getByTestId('position-ETH').waitFor();
  await page.getByTestId('market-menu').focus();
  for (const key of ['Enter', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('market-menu');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('BTC-PERP');
  await page.getByTestId('side-long').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Tab');
  await page.keyboard.type('1500');
  expect(await page.getByTestId('submit').textContent()).toBe('Short 0.01547 BTC');
  await page.keyboard.press('Enter');
  await page.locator('[data-testid="toast"][data-stage="rejected"]').waitFor();
  await page.context().close();
});

test('digits are of one width, so that numbers do not jump', async () => {
  const { page } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  await page.goto(site.url);
  await drawn(page);
  const widths = await page.getByTestId('last-price').evaluate((element) => {
    const probe = document.createElement('span');
    element.append(probe);
    return ['1111', '8888'].map((text) => {
      probe.textContent = text;
      return probe.getBoundingClientRect().width;
    });
  });
  expect(widths[0]).toBe(widths[1]);
  await page.context().close();
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
