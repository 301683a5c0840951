import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { KeeperSettingError } from './errors.ts';

const key = `0x${'11'.repeat(32)}`;
const engine = `0x${'22'.repeat(20)}`;
const good = ['--rpc', 'http://127.0.0.1:1', '--engine', engine, '--prices', 'http://127.0.0.1:2'];

describe('readConfig', () => {
  it('takes the settings', () => {
    const { options, json } = readConfig([...good, '--poll', '50', '--json'], { TIDEMARK_KEEPER_KEY: key });
    expect(options).toEqual({
      rpc: 'http://127.0.0.1:1',
      engine,
      prices: 'http://127.0.0.1:2',
      privateKey: key,
      pollMs: 50,
    });
    expect(json).toBe(true);
  });

  it.each([
    ['no key', good, {}],
    ['a short key', good, { TIDEMARK_KEEPER_KEY: '0x11' }],
    ['no rpc', good.slice(2), { TIDEMARK_KEEPER_KEY: key }],
    ['an rpc that is none', ['--rpc', 'file:///x', ...good.slice(2)], { TIDEMARK_KEEPER_KEY: key }],
    ['an engine that is none', [...good, '--engine', '0x1'], { TIDEMARK_KEEPER_KEY: key }],
    ['an unknown option', [...good, '--frobnicate'], { TIDEMARK_KEEPER_KEY: key }],
    ['a poll that is none', [...good, '--poll', 'fast'], { TIDEMARK_KEEPER_KEY: key }],
  ])('refuses %s', (_what, args, env) => {
    expect(() => readConfig(args, env)).toThrow(KeeperSettingError);
  });
});
