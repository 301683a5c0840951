import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { freePort } from '../test/stage.ts';
import { type AppServerOptions, requirePage, serveApp } from './appServer.ts';
import { DevnetError } from './errors.ts';

const WHO = '0x00000000000000000000000000000000000000aa';
const parent = mkdtempSync(join(tmpdir(), 'tidemark-page-'));
const folder = join(parent, 'dist');
mkdirSync(join(folder, 'assets'), { recursive: true });
mkdirSync(join(parent, 'dist-secret'));
writeFileSync(join(folder, 'index.html'), '<title>page</title>');
writeFileSync(join(folder, 'assets', 'main.js'), 'main()');
writeFileSync(join(parent, 'secret.txt'), 'secret');
writeFileSync(join(parent, 'dist-secret', 'secret.txt'), 'secret');

const addresses = {
  rpc: 'http://127.0.0.1:1',
  prices: 'http://127.0.0.1:2',
  metadata: 'http://127.0.0.1:3',
  orders: 'http://127.0.0.1:4',
};
const config = { ...addresses, chainId: 901 };
let given: string[] = [];
let empty = false;
let options: AppServerOptions;
let server: { close(): Promise<void> };

beforeAll(async () => {
  const faucet = async (to: string) => {
    if (empty) throw new Error('the faucet is empty\n  at a stack');
    given.push(to);
  };
  options = { port: await freePort(), folder, config, wallet: 'wallet()', faucet };
  server = await serveApp(options);
});
beforeEach(() => {
  given = [];
  empty = false;
});
afterAll(async () => {
  await server.close();
  rmSync(parent, { recursive: true });
});

/** Asks for a path exactly as it is written, which fetch would not. */
function ask(path: string, method = 'GET', body = '') {
  return new Promise<{ status: number | undefined; body: string; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: options.port, path, method }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body: text, headers: response.headers }));
      });
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

describe('the page', () => {
  it('is served with its configuration, its wallet and its files', async () => {
    expect(await ask('/')).toMatchObject({ status: 200, body: '<title>page</title>' });
    expect(JSON.parse((await ask('/config.json')).body)).toEqual(config);
    const wallet = await ask('/wallet.js');
    expect(wallet).toMatchObject({ status: 200, body: 'wallet()', headers: { 'cache-control': 'no-store' } });
    const { body, headers } = await ask('/assets/main.js');
    expect(body).toBe('main()');
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': expect.stringContaining('immutable'),
      'x-content-type-options': 'nosniff',
    });
  });

  it('may talk to this machine’s own addresses only', async () => {
    const policy = `${(await ask('/')).headers['content-security-policy']}`;
    const { rpc, prices, metadata, orders } = addresses;
    expect(policy).toContain(`connect-src 'self' ${rpc} ws://127.0.0.1:1 ${prices} ${metadata} ${orders};`);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('answers a path of its own making with itself', async () => {
    expect(await ask('/trade/ETH?x=1')).toMatchObject({ status: 200, body: '<title>page</title>' });
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fdist-secret%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00',
    '/%',
    '/assets',
  ])('never leaves its folder: %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 200, body: '<title>page</title>' });
  });

  it('refuses what is no path and what is no reading', async () => {
    expect(await ask('//')).toMatchObject({ status: 400, body: '// is no path.\n' });
    expect(await ask('/', 'DELETE')).toMatchObject({ status: 405, body: 'GET only.\n' });
    expect(await ask('/config.json', 'POST', '{}')).toMatchObject({ status: 405 });
  });
});

describe('the faucet', () => {
  it('gives to an address', async () => {
    expect(await ask('/faucet', 'POST', JSON.stringify({ address: WHO }))).toMatchObject({
      status: 200,
      body: '{"ok":true}',
    });
    expect(given).toEqual([WHO]);
  });

  it.each([
    ['nothing', '', 400, 'The body is not JSON: send {"address": "0x…"}.'],
    ['what is not JSON', '{"address"', 400, 'The body is not JSON: send {"address": "0x…"}.'],
    ['null', 'null', 400, 'The body is not JSON: send {"address": "0x…"}.'],
    ['no address', '{}', 400, 'That is not an address: send {"address": "0x…"}.'],
    ['a short address', '{"address":"0xaa"}', 400, 'That is not an address: send {"address": "0x…"}.'],
    ['a number', '{"address":170}', 400, 'That is not an address: send {"address": "0x…"}.'],
    ['too much', JSON.stringify({ address: WHO, more: 'x'.repeat(2000) }), 413, 'The body is too long.'],
  ])('gives nothing for %s', async (_, body, status, message) => {
    expect(await ask('/faucet', 'POST', body)).toMatchObject({ status, body: `${message}\n` });
    expect(given).toEqual([]);
  });

  it('says in one line why it cannot give', async () => {
    empty = true;
    const answer = await ask('/faucet', 'POST', JSON.stringify({ address: WHO }));
    expect(answer).toMatchObject({ status: 500, body: 'the faucet is empty\n' });
  });
});

test('a busy port and a page that is not built are refused', async () => {
  const busy = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => busy.listen(port, '127.0.0.1', resolve));
  const error = await serveApp({ ...options, port }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(DevnetError);
  expect(error.shortMessage).toBe(`Port ${port} is in use.`);
  await new Promise((resolve) => busy.close(resolve));
  expect(() => requirePage(folder)).not.toThrow();
  expect(() => requirePage(parent)).toThrow(DevnetError);
  await expect(serveApp({ ...options, port, folder: parent })).rejects.toThrow(`No built page in ${parent}.`);
});
