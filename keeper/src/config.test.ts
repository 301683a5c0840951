import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, readEarningsConfig } from './config.ts';
import { KeeperSettingError } from './errors.ts';
import { DEFAULT_SETTINGS } from './plan/index.ts';
import { ROLES } from './roles.ts';

const key = `0x${'11'.repeat(32)}`;
const engine = `0x${'22'.repeat(20)}`;
const base = ['--rpc', 'http://127.0.0.1:1', '--engine', engine];
const good = [...base, '--prices', 'http://127.0.0.1:2'];
const own = { TIDEMARK_KEEPER_KEY: key };
const SECRET = 'hunter2hunter2';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-keeper-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('readConfig', () => {
  it('takes the settings', () => {
    const [governor, guardian] = [`0x${'33'.repeat(20)}`, `0x${'44'.repeat(20)}`];
    const governed = ['--governor', governor, '--guardian', guardian];
    const more = ['--poll', '50', '--json', '--heartbeat', '20', '--deviation', '10', ...governed];
    const { options, signer, log, orders, metrics, journal } = readConfig([...good, ...more], own);
    expect(options).toEqual({
      rpcs: ['http://127.0.0.1:1'],
      engine,
      prices: [{ url: 'http://127.0.0.1:2' }],
      roles: ROLES,
      atLoss: [],
      dryRun: false,
      settings: { ...DEFAULT_SETTINGS, heartbeat: 20n, deviationBps: 10n },
      pollMs: 50,
      governor,
      guardian,
    });
    expect(signer).toEqual({ kind: 'key', privateKey: key });
    expect(log).toEqual({ format: 'json', level: 'debug' });
    expect([orders, metrics, journal]).toEqual([[], null, null]);
  });

  it.each<[string, string[], object]>([
    [
      'no role but those named, in their order',
      ['--roles', 'liquidator, settler'],
      { roles: ['settler', 'liquidator'] },
    ],
    ['the roles that may lose', ['--at-loss', 'trigger'], { atLoss: ['trigger'] }],
    ['all roles to lose', ['--at-loss', 'all'], { atLoss: ROLES }],
    ['a dry run', ['--dry-run'], { dryRun: true }],
    ['RPCs in their order', ['--rpc', 'http://two.test'], { rpcs: ['http://127.0.0.1:1', 'http://two.test'] }],
    ['the chain', ['--chain', '10'], { chainId: 10 }],
    ['the price of ether', ['--ether-price', '2000.5'], { etherPrice: 20005n * 10n ** 17n }],
    ['the most that is paid for gas', ['--max-fee', '0.25'], { maxFee: 250_000_000n }],
    ['the patience', ['--patience', '5'], { patience: 5 }],
    ['the vault', ['--vault', engine], { vault: engine }],
    ['a first block', ['--start-block', '7'], { startBlock: 7n }],
  ])('takes %s', (_what, args, expected) => {
    expect(readConfig([...good, ...args], own).options).toMatchObject(expected);
  });

  it.each<[string, string[], object]>([
    [
      'order services',
      ['--orders', 'http://one.test', '--orders', 'http://two.test'],
      { orders: ['http://one.test', 'http://two.test'] },
    ],
    ['where metrics are served', ['--metrics', '127.0.0.1:9464'], { metrics: { host: '127.0.0.1', port: 9464 } }],
    ['an address of IPv6', ['--metrics', '[::1]:0'], { metrics: { host: '::1', port: 0 } }],
    ['the age of the last block', ['--max-age', '30'], { maxAge: 30 }],
    ['the age by default', [], { maxAge: 60 }],
    ['the log for people by default', [], { log: { format: 'pretty', level: 'info' } }],
    ['the log for machines', ['--log', 'json', '--log-level', 'warn'], { log: { format: 'json', level: 'warn' } }],
    ['a journal', ['--journal', 'somewhere'], { journal: 'somewhere' }],
  ])('takes %s', (_what, args, expected) => {
    expect(readConfig([...good, ...args], own)).toMatchObject(expected);
  });

  it('takes a keystore with its password, and a remote signer, instead of a key', () => {
    const password = ['--password-file', file('password', `${SECRET}\n`)];
    expect(readConfig([...good, '--keystore', 'key.json', ...password], {}).signer).toEqual({
      kind: 'keystore',
      file: 'key.json',
      password: SECRET,
    });
    const remote = ['--signer', 'https://signer.test', '--signer-address', engine];
    expect(readConfig([...good, ...remote], {}).signer).toEqual({
      kind: 'remote',
      url: 'https://signer.test',
      address: engine,
    });
  });

  it('takes RPCs from the environment, where their addresses are secrets', () => {
    const env = { ...own, TIDEMARK_RPC: ' https://one.test/token https://two.test ' };
    expect(readConfig(good.slice(2), env).options.rpcs).toEqual(['https://one.test/token', 'https://two.test']);
    expect(readConfig(good, env).options.rpcs).toEqual(['http://127.0.0.1:1']);
  });

  it('knows what must not be told', () => {
    const address = `https://node.test/v2/${SECRET}`;
    const env = { ...own, TIDEMARK_RPC: address, TIDEMARK_PRICES_KEY: 'price-service-key' };
    const { secrets } = readConfig([...good.slice(2)], env);
    expect(secrets).toEqual([key, key.slice(2), 'price-service-key', SECRET]);
  });

  it('pushes by the defaults unless told', () => {
    expect(readConfig(good, own).options.settings).toEqual(DEFAULT_SETTINGS);
  });

  it('takes price services in their order, each with its own key', () => {
    const prices = [
      '--prices',
      'https://one.test',
      '--prices',
      'https://two.test/hermes',
      '--prices',
      'http://three.test',
    ];
    const keys = { TIDEMARK_PRICES_KEY: 'first', TIDEMARK_PRICES_KEY_2_FILE: file('second', 'second\n') };
    expect(readConfig([...base, ...prices], { ...own, ...keys }).options.prices).toEqual([
      { url: 'https://one.test', key: 'first' },
      { url: 'https://two.test/hermes', key: 'second' },
      { url: 'http://three.test' },
    ]);
  });

  it('takes price services from the environment, where their addresses are secrets', () => {
    const env = { ...own, TIDEMARK_PRICES: ' https://one.test/token\nhttps://two.test ' };
    expect(readConfig(base, env).options.prices).toEqual([
      { url: 'https://one.test/token' },
      { url: 'https://two.test' },
    ]);
    expect(readConfig(good, env).options.prices).toEqual([{ url: 'http://127.0.0.1:2' }]);
  });

  it.each([
    ['10', '1'],
    ['50', '1000'],
  ])('takes a heartbeat of %s s and a deviation of %s bp', (heartbeat, deviation) => {
    const { settings } = readConfig([...good, '--heartbeat', heartbeat, '--deviation', deviation], own).options;
    expect(settings).toMatchObject({ heartbeat: BigInt(heartbeat), deviationBps: BigInt(deviation) });
  });

  const tls = [...base, '--prices', 'https://one.test'];
  it.each([
    ['no key', good, {}],
    ['a short key', good, { TIDEMARK_KEEPER_KEY: '0x11' }],
    ['a key twice', [...good, '--keystore', 'file', '--password-file', file('one', SECRET)], own],
    ['a keystore without its password', [...good, '--keystore', 'file'], {}],
    ['a password that cannot be read', [...good, '--keystore', 'file', '--password-file', join(folder, 'none')], {}],
    ['a password of no keystore', [...good, '--password-file', file('stray', SECRET)], own],
    ['a signer without its address', [...good, '--signer', 'https://one.test'], {}],
    ['a signer in the clear', [...good, '--signer', 'http://one.test', '--signer-address', engine], {}],
    ['an address of no signer', [...good, '--signer-address', engine], own],
    ['a chain that is none', [...good, '--chain', 'optimism'], own],
    ['ether for nothing', [...good, '--ether-price', '0'], own],
    ['a fee that is none', [...good, '--max-fee', '1e9'], own],
    ['no patience', [...good, '--patience', '0'], own],
    ['a role that is none', [...good, '--roles', 'settler,plumber'], own],
    ['no role', [...good, '--roles', ''], own],
    ['a role at a loss that is none', [...good, '--at-loss', 'some'], own],
    ['an order service that is none', [...good, '--orders', 'ftp://one.test'], own],
    ['metrics without a port', [...good, '--metrics', '127.0.0.1'], own],
    ['metrics at a port that is none', [...good, '--metrics', '127.0.0.1:70000'], own],
    ['an age of nothing', [...good, '--max-age', '0'], own],
    ['a log that is none', [...good, '--log', 'xml'], own],
    ['a level that is none', [...good, '--log-level', 'loud'], own],
    ['two ways to log', [...good, '--json', '--log', 'json'], own],
    ['a journal without a folder', [...good, '--journal', ''], own],
    ['an RPC twice', [...good, ...good.slice(0, 2)], own],
    ['no rpc', good.slice(2), own],
    ['an rpc that is none', ['--rpc', 'file:///x', ...good.slice(2)], own],
    ['an engine that is none', [...good, '--engine', '0x1'], own],
    ['an unknown option', [...good, '--frobnicate'], own],
    ['a key for the price service on the command line', [...good, '--prices-key', SECRET], own],
    ['what has no option', [...good, SECRET], own],
    ['a poll that is none', [...good, '--poll', 'fast'], own],
    ['a heartbeat too short', [...good, '--heartbeat', '9'], own],
    ['a heartbeat too long', [...good, '--heartbeat', '51'], own],
    ['a heartbeat that is none', [...good, '--heartbeat', '1e1'], own],
    ['a deviation of nothing', [...good, '--deviation', '0'], own],
    ['a deviation too large', [...good, '--deviation', '1001'], own],
    ['a deviation that is none', [...good, '--deviation', '-5'], own],
    ['no price service', base, own],
    ['a price service that is none', [...base, '--prices', `ftp://${SECRET}.test`], own],
    ['a second price service that is none', [...good, '--prices', SECRET], own],
    ['a price service twice', [...good, ...good.slice(-2)], own],
    ['a password in an address', [...base, '--prices', `https://name:${SECRET}@one.test`], own],
    ['a key sent in the clear', [...base, '--prices', 'http://one.test'], { ...own, TIDEMARK_PRICES_KEY: SECRET }],
    ['a key of no price service', tls, { ...own, TIDEMARK_PRICES_KEY_2: SECRET }],
    ['a key with a line break', tls, { ...own, TIDEMARK_PRICES_KEY: `${SECRET}\nx` }],
    [
      'a key given twice',
      tls,
      { ...own, TIDEMARK_PRICES_KEY: SECRET, TIDEMARK_PRICES_KEY_FILE: file('twice', SECRET) },
    ],
    ['an empty key file', tls, { ...own, TIDEMARK_PRICES_KEY_FILE: file('empty', '\n') }],
    ['a key file that is not there', tls, { ...own, TIDEMARK_PRICES_KEY_FILE: join(folder, 'none') }],
  ])('refuses %s in one line that tells no secret', (_what, args, env) => {
    const refusal = catching(() => readConfig(args, env));
    expect(refusal).toBeInstanceOf(KeeperSettingError);
    expect((refusal as KeeperSettingError).line).not.toMatch(/\n|hunter2/);
  });
});

describe('readEarningsConfig', () => {
  it('takes the journal, the days and the form', () => {
    expect(readEarningsConfig(['--journal', 'folder'])).toEqual({ journal: 'folder', json: false });
    const args = ['--journal', 'folder', '--days', '7', '--json'];
    expect(readEarningsConfig(args)).toEqual({ journal: 'folder', days: 7, json: true });
  });

  it.each([
    ['no journal', []],
    ['no day', ['--journal', 'folder', '--days', '0']],
    ['an option of run', ['--journal', 'folder', '--rpc', 'http://127.0.0.1:1']],
  ])('refuses %s', (_what, args) => {
    expect(() => readEarningsConfig(args)).toThrow(KeeperSettingError);
  });
});

function catching(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
