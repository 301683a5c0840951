import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { KeeperSettingError } from './errors.ts';
import { DEFAULT_SETTINGS } from './plan/index.ts';

const key = `0x${'11'.repeat(32)}` as const;
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
    const { options, json } = readConfig([...good, ...more], own);
    expect(options).toEqual({
      rpcs: ['http://127.0.0.1:1'],
      engine,
      prices: [{ url: 'http://127.0.0.1:2' }],
      signer: expect.objectContaining({ address: privateKeyToAccount(key).address }),
      settings: { ...DEFAULT_SETTINGS, heartbeat: 20n, deviationBps: 10n },
      pollMs: 50,
      governor,
      guardian,
    });
    expect(json).toBe(true);
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

function catching(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
