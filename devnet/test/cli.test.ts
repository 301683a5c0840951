import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountId, encodeMetadata, fetchMetadata, getAccount, getSolvency, metadataDigest } from '@tidemark/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import type { Kept } from '../src/stateFolder.ts';
import { CliProcess, type End, running } from './cliProcess.ts';
import { freePort } from './stage.ts';

// One devnet's life at the command line, in order: made, refused in every way, gone on with, killed, and ended.

vi.setConfig({ testTimeout: 180_000 });

const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
const state = join(folder, 'state');
const started: CliProcess[] = [];

const freePorts = async () => ({
  app: await freePort(),
  rpc: await freePort(),
  prices: await freePort(),
  metadata: await freePort(),
  graphql: await freePort(),
});
const ports = await freePorts();
const on = ({ app, rpc, prices, metadata, graphql } = ports) =>
  Object.entries({
    '--port': app,
    '--rpc-port': rpc,
    '--prices-port': prices,
    '--metadata-port': metadata,
    '--graphql-port': graphql,
  }).flatMap(([option, port]) => [option, `${port}`]);

function start(...args: string[]): CliProcess {
  return follow(new CliProcess(['--json', '--traders', '0', ...args]));
}

function follow(cli: CliProcess): CliProcess {
  started.push(cli);
  return cli;
}

// What is out of date is built now, not by the first test.
beforeAll(() => void execFileSync(process.execPath, [build]), 300_000);
afterAll(async () => {
  for (const cli of started) await cli.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Every file of a folder, whatever its own folders, and the digest of what is in it. */
const contents = (path: string) =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name))
      .map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );

/** It said one line and why, printed nothing else, and ended by itself with a failure. */
function expectRefused(end: End, ...parts: string[]): void {
  expect(end).toMatchObject({ code: 1, signal: null, stdout: '' });
  expect(end.stderr).toMatch(/^[^\n]+\n$/);
  for (const part of parts) expect(end.stderr).toContain(part);
}

/** A process that ended takes its children with it. */
const expectGone = (children: readonly { pid: number }[]) =>
  expect.poll(() => running(children.map(({ pid }) => pid)), { timeout: 30_000 }).toEqual([]);

const kept = () => JSON.parse(readFileSync(join(state, 'devnet.json'), 'utf8')) as Kept;

/** What must not be lost: the money of the exchange, of a trader and of the wallet. */
async function money(rpc: string) {
  const { deployment, doubles } = kept();
  const client = connect(rpc, ACCOUNTS.admin);
  const [trader] = ACCOUNTS.traders;
  const args = [ACCOUNTS.wallet.address] as const;
  const [solvency, account, wallet] = await Promise.all([
    getSolvency(client, { engine: deployment.engine }),
    getAccount(client, { engine: deployment.engine, account: accountId(trader.address) }),
    client.readContract({ address: doubles.usdc, abi: tokenAbi, functionName: 'balanceOf', args }),
  ]);
  return { solvency, account, wallet };
}

async function askFaucet(app: string): Promise<void> {
  const body = JSON.stringify({ address: ACCOUNTS.wallet.address });
  expect((await fetch(`${app}/faucet`, { method: 'POST', body })).status).toBe(200);
}

/** What was signed for a second. */
async function priceAt(prices: string, second: number): Promise<unknown> {
  const ids = kept().deployment.markets.map(({ feedId }) => `ids[]=${feedId}`);
  return (await fetch(`${prices}/v2/updates/price/${second}?${ids.join('&')}`)).json();
}

/** Metadata of a proposal. */
const proposed = { version: 1, title: 'Title', summary: 'Summary', body: 'Body', links: [] } as const;
const block = encodeMetadata(proposed);

async function upload(metadata: string): Promise<void> {
  expect((await fetch(`${metadata}/blocks`, { method: 'POST', body: Buffer.from(block) })).status).toBe(201);
}

const download = (metadata: string) => fetchMetadata({ gateways: [metadata], digest: metadataDigest(block) });

const timeOf = async (rpc: string) => Number((await connect(rpc, ACCOUNTS.admin).getBlock()).timestamp);

/** What the devnet had when it was ended. */
let before: { money: unknown; time: number; price: unknown };

describe('a devnet at the command line', () => {
  test('says one line when it runs, and ends everything at Ctrl-C', async () => {
    const cli = start(...on(), '--state', state, '--source', 'model', '--seed', '3');
    const urls = await cli.urls();
    expect(urls).toEqual({
      app: `http://127.0.0.1:${ports.app}`,
      rpc: `http://127.0.0.1:${ports.rpc}`,
      prices: `http://127.0.0.1:${ports.prices}`,
      metadata: `http://127.0.0.1:${ports.metadata}`,
      graphql: `http://127.0.0.1:${ports.graphql}/graphql`,
      orders: `http://127.0.0.1:${ports.graphql}`,
    });
    const { governance } = kept().deployment;
    const config = await (await fetch(`${urls.app}/config.json`)).json();
    expect(config).toMatchObject({ metadata: urls.metadata, graphql: urls.graphql, orders: urls.orders, governance });
    expect((await fetch(`${urls.orders}/schema.graphql`)).status).toBe(200);
    await askFaucet(urls.app);
    await upload(urls.metadata);
    expect(await download(urls.metadata)).toEqual(proposed);
    const time = await timeOf(urls.rpc);
    before = { money: await money(urls.rpc), time, price: await priceAt(urls.prices, time) };
    expect(before.money).toMatchObject({ wallet: 10_000_000_000n });
    const children = cli.descendants();
    expect(children.filter(({ command }) => command.includes('anvil'))).toHaveLength(2);

    const { code, stdout, stderr } = await cli.kill('SIGINT');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${JSON.stringify(urls)}\n`);
    await expectGone(children);
  });

  describe('refuses to start in one line, and changes nothing that is kept:', () => {
    const history = join(folder, 'history');
    mkdirSync(history);
    const header = 'unix_ts,open,high,low,close,volume';
    writeFileSync(join(history, 'ETHUSDT_1m_2021-05-19_2021-05-20.csv'), `${header}\n1621382400,100,90,95,100,1\n`);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const sound = join(folder, 'sound');
    mkdirSync(sound);
    writeFileSync(join(sound, 'ETHUSDT_1m_2021-05-19_2021-05-20.csv'), `${header}\n1621382400,95,100,90,95,1\n`);
    const replay = ['--fresh', '--source', 'replay'];

    test.each([
      ['a corrupt history', [...replay, '--history', history], 'csv, line 2: no possible bar. Correct or remove'],
      ['a missing history', [...replay, '--history', '/nowhere'], 'There is no folder /nowhere. Name one'],
      ['an empty history', [...replay, '--history', empty], 'empty has no prices. Choose'],
      [
        'a date outside of the history',
        [...replay, '--history', sound, '--from', '2022-05-19'],
        'sound has no prices at 2022-05-19T00:00:00.000Z. Choose',
      ],
      ['another seed', ['--seed', '4'], 'The chain was made with --seed 3, not with --seed 4. Leave --seed out'],
      ['another source', ['--source', 'live'], 'made with --source model, not with --source live. Leave --source out'],
      ['an unknown option', ['--colour', 'red'], "Unknown option '--colour'. See"],
    ])('%s', async (_, args, message) => {
      const files = contents(state);
      expectRefused(await start(...on(), '--state', state, ...args).ended, message);
      expect(contents(state)).toEqual(files);
    });

    test.each([
      ['app', '--port'],
      ['rpc', '--rpc-port'],
      ['prices', '--prices-port'],
      ['metadata', '--metadata-port'],
      ['graphql', '--graphql-port'],
    ] as const)('a busy port of the %s', async (which, option) => {
      const files = contents(state);
      const busy: Server = createServer();
      await new Promise<void>((resolve) => busy.listen(ports[which], '127.0.0.1', resolve));
      const end = await start(...on(), '--state', state).ended;
      await new Promise((resolve) => busy.close(resolve));
      expectRefused(end, `Port ${ports[which]} is in use. Stop what uses it, or choose another with ${option}.`);
      expect(contents(state)).toEqual(files);
    });

    test('a Node that will not do', async () => {
      const old = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.20.4"})';
      const end = await new CliProcess([], [process.execPath, '--import', old, 'scripts/start.mjs']).ended;
      expectRefused(end, 'Tidemark needs Node 20.19+, 22.12+ or 24+; this is 18.20.4.');
    });

    /** A copy of what is kept, with one file altered. */
    function altered(file: string, alter: (content: string) => string): string {
      const copy = mkdtempSync(join(folder, 'altered-'));
      cpSync(state, copy, { recursive: true });
      renameSync(join(copy, 'chain.json.next'), join(copy, 'chain.json'));
      writeFileSync(join(copy, file), alter(readFileSync(join(copy, file), 'utf8')));
      return copy;
    }

    test.each([
      ['a damaged description', 'devnet.json', (json: string) => json.slice(0, 200), 'devnet.json is damaged: '],
      ['a damaged chain', 'chain.json', (json: string) => json.slice(0, 2000), 'The chain did not start: '],
      [
        'a chain of another exchange',
        'devnet.json',
        (json: string) => json.replace(/("engine": "0x)\w{8}/, '$1deadbeef'),
        'does not hold the exchange that is kept beside it. Restore both files',
      ],
    ])('%s', async (_, file, alter, message) => {
      const copy = altered(file, alter);
      const files = contents(copy);
      const cli = start(...on(), '--state', copy);
      expectRefused(await cli.ended, message, 'start anew with --fresh.');
      expect(contents(copy)).toMatchObject(files);
    });
  });

  let resumed: CliProcess;

  test('goes on from the same money, time, prices and metadata', async () => {
    resumed = start(...on(), '--state', state);
    const urls = await resumed.urls();
    expect(await money(urls.rpc)).toEqual(before.money);
    expect(await timeOf(urls.rpc)).toBeGreaterThanOrEqual(before.time);
    expect(await timeOf(urls.rpc)).toBeLessThan(before.time + 60);
    expect(await priceAt(urls.prices, before.time)).toEqual(before.price);
    expect(await download(urls.metadata)).toEqual(proposed);
    expect(kept().origin).toEqual({ source: 'model', seed: 3 });
  });

  test('holds its state against a second one', async () => {
    const end = await start(...on(await freePorts()), '--state', state, '--fresh').ended;
    expectRefused(end, `The state in ${state} is in use by process ${resumed.pid}.`);
  });

  test('leaves no chain behind when it is killed, and goes on at once', async () => {
    const { app, rpc } = await resumed.urls();
    await askFaucet(app);
    const had = await money(rpc);
    expect(had).toMatchObject({ wallet: 20_000_000_000n });
    const left = resumed.descendants().map(({ pid }) => pid);
    expect((await resumed.kill('SIGKILL')).signal).toBe('SIGKILL');

    resumed = start(...on(), '--state', state);
    expect(await money((await resumed.urls()).rpc)).toEqual(had);
    expect(running(left)).toEqual([]);
    before = { ...before, money: had };
  });

  test('says so and ends when its chain is gone', async () => {
    const children = resumed.descendants();
    const chain = children.find(({ command }) => command.includes('anvil') && !command.includes('guard.mjs'));
    process.kill(chain?.pid as number, 'SIGKILL');
    const { code, stdout, stderr } = await resumed.ended;
    expect(code).toBe(1);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toBe('The chain ended by itself. Start again: it goes on from the last state that was kept.\n');
    await expectGone(children);
  });

  test('ends everything at SIGTERM', async () => {
    const cli = start(...on(), '--state', state);
    const { rpc } = await cli.urls();
    expect(await money(rpc)).toEqual(before.money);
    const children = cli.descendants();
    expect(await cli.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    await expectGone(children);
  });

  test('ends with npm, whose shell passes no signal on', async () => {
    const args = ['--json', '--traders', '0', ...on(), '--state', state];
    const npm = follow(new CliProcess(args, ['npm', 'start', '--silent', '--']));
    const { rpc } = await npm.urls();
    expect(await money(rpc)).toEqual(before.money);
    const children = npm.descendants();
    expect(children.some(({ command }) => command.includes('anvil'))).toBe(true);
    await npm.kill('SIGTERM');
    await expectGone(children);
  });

  test('a replay goes on from its own bars, wherever they are now, and from no others', async () => {
    const path = join(folder, 'replayed');
    const [bars, moved, other] = ['bars', 'moved', 'other'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const minutes = (close: number) =>
      Array.from({ length: 240 }, (_, i) => `${1_621_382_400 + 60 * i},2000,2005,1995,${i % 2 === 0 ? 2001 : close},1`);
    for (const [name, close] of [
      [bars, 1999],
      [other, 1998],
    ] as const) {
      mkdirSync(name);
      const text = ['unix_ts,open,high,low,close,volume', ...minutes(close)].join('\n');
      writeFileSync(join(name, 'ETHUSDT_1m_2021-05-19_2021-05-20.csv'), text);
    }
    const first = start(
      ...on(),
      '--state',
      path,
      '--source',
      'replay',
      '--history',
      bars,
      '--from',
      '2021-05-19T01:00Z',
    );
    const { rpc, prices } = await first.urls();
    const time = await timeOf(rpc);
    const latest = async (url: string, second: number) => {
      const { deployment } = JSON.parse(readFileSync(join(path, 'devnet.json'), 'utf8')) as Kept;
      return (await fetch(`${url}/v2/updates/price/${second}?ids[]=${deployment.markets[0]?.feedId}`)).json();
    };
    const price = await latest(prices, time);
    await first.kill('SIGTERM');
    renameSync(bars, moved);

    const files = contents(path);
    expectRefused(await start(...on(), '--state', path).ended, `There is no folder ${bars}.`);
    const altered = await start(...on(), '--state', path, '--history', other).ended;
    expectRefused(altered, `The price files in ${other} are not those that the chain was made with.`);
    expect(contents(path)).toEqual(files);

    const second = start(...on(), '--state', path, '--history', moved);
    const urls = await second.urls();
    expect(await timeOf(urls.rpc)).toBeGreaterThanOrEqual(time);
    expect(await latest(urls.prices, time)).toEqual(price);
    expect((await second.kill('SIGTERM')).code).toBe(0);
  });
});
