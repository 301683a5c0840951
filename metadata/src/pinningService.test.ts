import { afterEach, beforeEach, expect, it } from 'vitest';
import { block, DIGEST, serve } from '../test/blocks.ts';
import { startKuboDouble } from '../test/kuboDouble.ts';
import { startPinningDouble } from '../test/pinningDouble.ts';
import { toCid } from './cid.ts';
import { PinningFailedError } from './errors.ts';
import { openStore } from './openStore.ts';
import { PinningService } from './pinningService.ts';

const TOKEN = 's3cret';
const origins = ['/dns4/gateway.example/tcp/443/https'];
let double: Awaited<ReturnType<typeof startPinningDouble>>;
let service: PinningService;

beforeEach(async () => {
  double = await startPinningDouble(TOKEN);
  service = new PinningService({ url: `${double.url}/`, token: TOKEN, origins });
});
afterEach(() => double.close());

const setStatus = (index: number, status: string) => {
  const pin = double.pins[index];
  if (pin) pin.status = status;
};

it('a block is asked for once and followed until it is pinned', async () => {
  expect(await service.status(DIGEST)).toBeUndefined();
  expect(await service.pin(DIGEST)).toBe('queued');
  expect(double.pins.map(({ pin }) => pin)).toEqual([{ cid: `${toCid(DIGEST)}`, origins }]);
  for (const status of ['pinning', 'pinned'] as const) {
    setStatus(0, status);
    expect(await service.status(DIGEST)).toBe(status);
    expect(await service.pin(DIGEST)).toBe(status);
  }
  expect(double.pins).toHaveLength(1);
});

it('a pin that failed is asked for anew, and the furthest one tells', async () => {
  await service.pin(DIGEST);
  setStatus(0, 'failed');
  expect(await service.status(DIGEST)).toBe('failed');
  expect(await service.pin(DIGEST)).toBe('queued');
  expect(double.pins).toHaveLength(2);
  expect(await service.status(DIGEST)).toBe('queued');
});

it('a wrong token is refused and never told', async () => {
  const error = await new PinningService({ url: double.url, token: 'wr0ng' }).pin(DIGEST).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(PinningFailedError);
  expect(error).toMatchObject({ status: 401, retryable: false });
  expect(error.line).toContain('UNAUTHORIZED');
  expect(error.line).not.toContain('wr0ng');
});

it.each<[string, Parameters<typeof serve>[0]]>([
  ['another service', (_, response) => response.end('<html>')],
  ['pins of another block', (_, response) => response.end('{"count":1,"results":[{"status":"pinned"}]}')],
  ['a list of nothing', (_, response) => response.end('{"count":1,"results":[null]}')],
  ['no list', (_, response) => response.end('{"count":0}')],
  [
    'a redirect, even to a pin',
    ({ url }, response) => {
      const pin = { status: 'pinned', pin: { cid: `${toCid(DIGEST)}` } };
      if (url === '/moved') response.end(JSON.stringify({ count: 1, results: [pin] }));
      else response.writeHead(307, { location: '/moved' }).end();
    },
  ],
  ['nothing', (_, response) => response.destroy()],
])('%s is no pin', async (_what, listener) => {
  const other = await serve(listener);
  const pinned = new PinningService({ url: other.url, token: TOKEN }).pin(DIGEST);
  await expect(pinned).rejects.toBeInstanceOf(PinningFailedError);
  await other.close();
  expect(double.pins).toEqual([]);
});

it('a store with a service keeps the block first and pins it by putting it again', async () => {
  const kubo = await startKuboDouble();
  const config = { kubo: kubo.url, pinning: { url: double.url, token: 'wr0ng' } };
  const ignore = () => {};
  await expect((await openStore(config, ignore)).put(block('Title'))).rejects.toBeInstanceOf(PinningFailedError);
  const store = await openStore({ ...config, pinning: { url: double.url, token: TOKEN } }, ignore);
  expect(await store.get(DIGEST)).toHaveLength(block('Title').length);
  expect(await store.put(block('Title'))).toBe(DIGEST);
  expect(await store.count()).toBe(1);
  expect(double.pins.map(({ pin }) => pin)).toEqual([{ cid: `${toCid(DIGEST)}` }]);
  await kubo.close();
});
