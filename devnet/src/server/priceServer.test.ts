import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { requireFreePort } from '../chain.ts';
import { DevnetError, toLine } from '../errors.ts';
import type { PriceSource } from '../prices/source.ts';
import { startPriceServer } from './priceServer.ts';

test('a busy port is refused with the option that chooses another, and its holder goes on', async () => {
  const holder = createServer((_, response) => response.end('here'));
  await new Promise<void>((ready) => holder.listen(0, '127.0.0.1', ready));
  const { port } = holder.address() as AddressInfo;
  const source: PriceSource = { name: 'model', symbols: [], start: 0, quoteAt: () => undefined, close: async () => {} };
  const starting = startPriceServer({ port, source, feeds: {}, now: () => 0 });
  for (const attempt of [starting, requireFreePort(port, '--prices-port')]) {
    const error = await attempt.then(
      () => expect.fail('it started'),
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(DevnetError);
    expect(toLine(error)).toBe(`Port ${port} is in use. ${error.metaMessages[0]}`);
    expect(error.metaMessages[0]).toContain('--prices-port');
  }
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('here');
  holder.closeAllConnections();
  await new Promise((ended) => holder.close(ended));
});
