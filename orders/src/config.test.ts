import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { OrderServiceSettingError } from './errors.ts';
import { DEFAULT_LIMITS } from './orderService.ts';
import { DEFAULT_RATE } from './rateLimit.ts';

const engine = `0x${'22'.repeat(20)}`;
const base = ['--rpc', 'http://127.0.0.1:1', '--engine', engine];
const good = [...base, '--folder', 'x'];
const SECRET = 'hunter2hunter2';

describe('readConfig', () => {
  it('takes the settings', () => {
    const more = ['--port', '0', '--per-account', '3', '--max-orders', '9', '--rate', '1', '--burst', '2'];
    expect(readConfig([...good, ...more, '--trust-proxy', '--start-block', '7'], {})).toEqual({
      rpc: 'http://127.0.0.1:1',
      engine,
      database: { folder: 'x' },
      host: '127.0.0.1',
      port: 0,
      pollMs: 500,
      limits: { perAccount: 3, total: 9 },
      rate: { perSecond: 1, burst: 2 },
      trustProxy: true,
      startBlock: 7n,
    });
  });

  it('limits by the defaults unless told', () => {
    const settings = readConfig(base, { TIDEMARK_ORDERS_POSTGRES: 'postgres://me@db/x' });
    expect(settings).toMatchObject({ limits: DEFAULT_LIMITS, rate: DEFAULT_RATE, trustProxy: false, port: 8091 });
    expect(settings.database).toEqual({ postgres: 'postgres://me@db/x' });
  });

  it.each([
    ['no rpc', good.slice(2), {}],
    ['no engine', ['--rpc', 'http://127.0.0.1:1', '--folder', 'x'], {}],
    ['an engine that is none', [...good, '--engine', '0x1'], {}],
    ['nowhere to keep orders', base, {}],
    ['two places', good, { TIDEMARK_ORDERS_POSTGRES: `postgres://me:${SECRET}@db/x` }],
    ['a Postgres that is none', base, { TIDEMARK_ORDERS_POSTGRES: `mysql://me:${SECRET}@db/x` }],
    ['a port too large', [...good, '--port', '65536'], {}],
    ['a rate of nothing', [...good, '--rate', '0'], {}],
    ['an unknown option', [...good, '--frobnicate'], {}],
    ['what has no option', [...good, SECRET], {}],
    ['a password in an address', [...good, '--rpc', `http://me:${SECRET}@one.test`], {}],
  ])('refuses %s in one line that tells no secret', (_what, args, env) => {
    let refusal: unknown;
    try {
      readConfig(args, env);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(OrderServiceSettingError);
    expect((refusal as OrderServiceSettingError).line).not.toMatch(/\n|hunter2/);
  });
});
