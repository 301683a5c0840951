// Takes the README's picture: the built page before a still exchange, the same each time.
import { fileURLToPath } from 'node:url';
import { connectPicture, drawn, launchBrowser, openPage } from './browser.ts';
import { servePicture } from './servers.ts';

const path = fileURLToPath(new URL('../../docs/trade.png', import.meta.url));
const site = await servePicture();
const browser = await launchBrowser();
const { page } = await openPage(browser, { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
await page.goto(site.url);
await drawn(page);
await connectPicture(page);
await page.getByTestId('size').fill('2500');
await page.mouse.move(0, 0);
await page.locator('[data-testid="submit"][aria-disabled="false"]').waitFor();
await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
await browser.close();
site.close();
