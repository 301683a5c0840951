import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** An installed Chromium or Chrome (`CHROMIUM` names another), else the one that npm brought. */
export async function launchBrowser(): Promise<Browser> {
  const named = process.env.CHROMIUM;
  const found = named ?? installed.find((path) => existsSync(path));
  if (found) return chromium.launch({ executablePath: found, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const { default: packaged } = await import('@sparticuz/chromium');
  const args = packaged.args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote');
  return chromium.launch({ executablePath: await packaged.executablePath(), args });
}

/** A page that keeps what must not happen: errors, violations of its policy, requests that leave the machine. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<{ page: Page; problems: string[] }> {
  const page = await (await browser.newContext(options)).newPage();
  // Below a test's own limit, so that what was waited for is named.
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && new URL(url).hostname !== '127.0.0.1') problems.push(url);
  });
  return { page, problems };
}

/** Waits for the first candles. */
export const drawn = (page: Page): Promise<void> =>
  page.locator('[data-testid="chart"][data-candles]:not([data-candles="0"])').waitFor();

/** Connects the picture's wallet and waits for its positions. */
export async function connectPicture(page: Page): Promise<void> {
  await page.getByTestId('connect').click();
  await page.getByRole('button', { name: /Picture wallet/ }).click();
  await page.getByTestId('position-ETH').waitFor();
}
