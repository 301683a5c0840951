import { parseArgs } from 'node:util';
import type { DatabaseConfig } from '@tidemark/database';
import { type Address, isAddress } from 'viem';
import { OrderServiceSettingError } from './errors.ts';
import { DEFAULT_LIMITS } from './orderService.ts';
import { DEFAULT_RATE } from './rateLimit.ts';
import type { OrderServiceSettings } from './startOrderService.ts';

export const USAGE = `npm run orders -- --rpc URL --engine ADDRESS [--folder PATH] [options]
Keeps signed orders until they fire, and serves them to keepers.

  --folder PATH      keeps them in a folder of this machine
  --host HOST        where it is served (default 127.0.0.1)
  --port N           (default 8091)
  --start-block N    where the exchange was deployed, or any earlier block
  --per-account N    orders that may wait of one account (default ${DEFAULT_LIMITS.perAccount})
  --max-orders N     orders that may wait in all (default ${DEFAULT_LIMITS.total})
  --rate N           orders or requests a second of one address (default ${DEFAULT_RATE.perSecond})
  --burst N          of which it may save up (default ${DEFAULT_RATE.burst})
  --trust-proxy      addresses are the last of X-Forwarded-For, which a proxy in front of it writes
  --poll MS          between two looks at the chain (default 500)

In the environment, since an address may hold a password:
  TIDEMARK_ORDERS_POSTGRES   postgres://… keeps them in a Postgres, instead of --folder`;

const HELP = 'See "npm run orders -- --help".';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The service's settings from the command line and the environment.
 * @throws {OrderServiceSettingError} When one is missing or wrong; it never says what may be a secret.
 */
export function readConfig(args: readonly string[], env: Env): OrderServiceSettings {
  const values = parse(args);
  const perAccount = count('--per-account', values['per-account'], DEFAULT_LIMITS.perAccount, 1, 100_000);
  const total = count('--max-orders', values['max-orders'], DEFAULT_LIMITS.total, 1, 1_000_000);
  const burst = count('--burst', values.burst, DEFAULT_RATE.burst, 1, 1_000_000);
  const startBlock = values['start-block'];
  return {
    rpc: url('--rpc', values.rpc),
    engine: address('--engine', values.engine),
    database: database(values.folder, env.TIDEMARK_ORDERS_POSTGRES),
    host: values.host ?? '127.0.0.1',
    port: count('--port', values.port, 8091, 0, 65_535),
    pollMs: count('--poll', values.poll, 500, 10, 60_000),
    limits: { perAccount, total },
    rate: { perSecond: count('--rate', values.rate, DEFAULT_RATE.perSecond, 1, 1_000_000), burst },
    trustProxy: values['trust-proxy'] === true,
    ...(startBlock !== undefined && { startBlock: BigInt(count('--start-block', startBlock, 0, 0, 2 ** 47)) }),
  };
}

function parse(args: readonly string[]) {
  const string = { type: 'string' } as const;
  const options = {
    ...{ rpc: string, engine: string, folder: string, host: string, port: string, poll: string, rate: string },
    ...{ burst: string, 'start-block': string, 'per-account': string, 'max-orders': string },
    'trust-proxy': { type: 'boolean' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    // What stands there may be a secret.
    if (positionals.length > 0) throw new Error('Every setting has an option before it.');
    return values;
  } catch (error) {
    const [what] = (error as Error).message.split('\n');
    throw new OrderServiceSettingError(what ?? '', { next: HELP });
  }
}

function database(folder: string | undefined, postgres: string | undefined): DatabaseConfig {
  if (!folder === !postgres) {
    const what = folder
      ? 'Both --folder and TIDEMARK_ORDERS_POSTGRES are given.'
      : 'Nothing says where orders are kept.';
    throw new OrderServiceSettingError(what, { next: 'Give --folder, or TIDEMARK_ORDERS_POSTGRES.' });
  }
  if (folder) return { folder };
  const parsed = postgres && URL.canParse(postgres) ? new URL(postgres) : undefined;
  if (postgres && parsed && /^postgres(ql)?:$/.test(parsed.protocol)) return { postgres };
  throw new OrderServiceSettingError('TIDEMARK_ORDERS_POSTGRES is no address of a Postgres.', {
    next: 'Write it as postgres://USER:PASSWORD@HOST/DATABASE.',
  });
}

function url(option: string, value: string | undefined): string {
  const parsed = value && URL.canParse(value) ? new URL(value) : undefined;
  if (value && parsed && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '')
    return value;
  throw new OrderServiceSettingError(`${option} needs an http address, without a name or password.`, { next: HELP });
}

function address(option: string, value: string | undefined): Address {
  if (value && isAddress(value, { strict: false })) return value;
  throw new OrderServiceSettingError(`${option} needs an address.`, { next: HELP });
}

function count(option: string, value: string | undefined, preset: number, least: number, most: number): number {
  if (value === undefined) return preset;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : -1;
  if (number >= least && number <= most) return number;
  throw new OrderServiceSettingError(`${option} needs a whole number from ${least} to ${most}.`, { next: HELP });
}
