import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Address, isAddress, isHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { KeeperSettingError } from './errors.ts';
import type { KeeperOptions } from './keeper.ts';
import { DEFAULT_SETTINGS } from './plan/index.ts';
import type { PriceEndpoint } from './prices/priceSources.ts';
import { ROLES } from './roles.ts';

export const USAGE = `npm run keeper -- --rpc URL --engine ADDRESS --prices URL [options]
  --rpc URL          an RPC of the chain; given again, the next is asked when those before it fail
  --prices URL       a price service; given again, the next is asked when those before it fail
  --vault ADDRESS    whose epochs are settled
  --governor ADDRESS whose proposals are queued and executed
  --guardian ADDRESS the emergency guardian whose pauses are ended in time
  --heartbeat S      seconds after which a market's price is pushed, 10 to 50 (default 30)
  --deviation BP     basis points by which a price moves before it is pushed earlier, 1 to 1000 (default 25)
  --poll MS          between two looks at the chain (default 500)
  --start-block N    where the exchange was deployed, or any earlier block
  --at-loss          also do what costs more than it brings
  --json             print each event as a line of JSON

In the environment, since the command line is seen by others:
  TIDEMARK_KEEPER_KEY         signs: 32 bytes, hexadecimal
  TIDEMARK_PRICES             price services, separated by spaces, where --prices is not given
  TIDEMARK_PRICES_KEY         API key of the first price service; of the second TIDEMARK_PRICES_KEY_2, and so on
  TIDEMARK_PRICES_KEY_FILE    the file that holds it, instead; likewise TIDEMARK_PRICES_KEY_2_FILE`;

const HELP = 'See "npm run keeper -- --help".';

type Env = Readonly<Record<string, string | undefined>>;

/** Seconds. Openings need indices of 60 s at most, inclusion and a lost block or two taken off. */
const HEARTBEATS = [10, 50] as const;
const DEVIATIONS = [1, 1_000] as const;

/**
 * The keeper's settings from the command line and the environment.
 * @throws {KeeperSettingError} when one is missing or wrong; it never says what a secret is.
 */
export function readConfig(args: readonly string[], env: Env): { options: KeeperOptions; json: boolean } {
  const values = parse(args);
  const privateKey = env.TIDEMARK_KEEPER_KEY ?? '';
  if (!isHex(privateKey) || privateKey.length !== 66) {
    throw new KeeperSettingError('TIDEMARK_KEEPER_KEY holds no key.', { next: 'Set it to 32 bytes, hexadecimal.' });
  }
  const { heartbeat, deviation } = values;
  return {
    options: {
      rpcs: (values.rpc ?? [undefined]).map((one) => url('--rpc', one)),
      engine: address('--engine', values.engine),
      prices: endpoints(values.prices, env),
      signer: privateKeyToAccount(privateKey),
      ...(values['at-loss'] === true && { atLoss: ROLES }),
      settings: {
        ...DEFAULT_SETTINGS,
        ...(heartbeat !== undefined && { heartbeat: BigInt(within('--heartbeat', heartbeat, HEARTBEATS, 'seconds')) }),
        ...(deviation !== undefined && {
          deviationBps: BigInt(within('--deviation', deviation, DEVIATIONS, 'basis points')),
        }),
      },
      ...(values.vault !== undefined && { vault: address('--vault', values.vault) }),
      ...(values.governor !== undefined && { governor: address('--governor', values.governor) }),
      ...(values.guardian !== undefined && { guardian: address('--guardian', values.guardian) }),
      ...(values.poll !== undefined && { pollMs: count('--poll', values.poll) }),
      ...(values['start-block'] !== undefined && { startBlock: BigInt(count('--start-block', values['start-block'])) }),
    },
    json: values.json === true,
  };
}

function parse(args: readonly string[]) {
  const string = { type: 'string' } as const;
  const options = {
    rpc: { type: 'string', multiple: true },
    engine: string,
    prices: { type: 'string', multiple: true },
    vault: string,
    governor: string,
    guardian: string,
    heartbeat: string,
    deviation: string,
    poll: string,
    'start-block': string,
    'at-loss': { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    // What stands there may be a key.
    if (positionals.length > 0) throw new Error('Every setting has an option before it.');
    return values;
  } catch (error) {
    const [what] = (error as Error).message.split('\n');
    throw new KeeperSettingError(what ?? '', { next: HELP });
  }
}

/** The price services with their keys, the preferred one first. */
function endpoints(given: readonly string[] | undefined, env: Env): PriceEndpoint[] {
  const source = given ? '--prices' : 'TIDEMARK_PRICES';
  const urls = given ?? (env.TIDEMARK_PRICES ?? '').split(/\s+/).filter((one) => one !== '');
  if (urls.length === 0) url('--prices', undefined);
  if (new Set(urls).size < urls.length) {
    throw new KeeperSettingError(`${source} names a price service twice.`, { next: 'A failover is another service.' });
  }
  const names = urls.map((_, i) => keyName(i));
  const stray = Object.keys(env).find((name) => isKeyName(name) && env[name] && !names.includes(baseOf(name)));
  if (stray) {
    throw new KeeperSettingError(`${stray} is the key of a price service that is not given.`, {
      next: 'Unset it, or give as many price services.',
    });
  }
  return urls.map((one, i) => {
    const key = priceKey(keyName(i), env);
    const address = url(source, one);
    if (key !== undefined && !isPrivate(address)) {
      throw new KeeperSettingError(`${keyName(i)} would be sent in the clear.`, {
        next: 'Give that price service by its https address.',
      });
    }
    return { url: address, ...(key !== undefined && { key }) };
  });
}

const keyName = (index: number) => `TIDEMARK_PRICES_KEY${index === 0 ? '' : `_${index + 1}`}`;
const isKeyName = (name: string) => /^TIDEMARK_PRICES_KEY(_\d+)?(_FILE)?$/.test(name);
const baseOf = (name: string) => name.replace(/_FILE$/, '');

/** From the variable, or from the file that another names. */
function priceKey(name: string, env: Env): string | undefined {
  const [value, file] = [env[name], env[`${name}_FILE`]];
  if (value && file) {
    throw new KeeperSettingError(`${name} and ${name}_FILE are both set.`, { next: 'Unset one of them.' });
  }
  const key = file ? contentOf(`${name}_FILE`, file) : value;
  if (key === undefined || (key === '' && !file)) return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new KeeperSettingError(`${file ? `${name}_FILE` : name} holds no key.`, {
    next: 'A key is one line of printable characters without spaces.',
  });
}

function contentOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new KeeperSettingError(`The file that ${name} names cannot be read.`, { next: 'Check its path and rights.' });
  }
}

/** Whether nobody on the way can read what is sent there. */
function isPrivate(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

function url(option: string, value: string | undefined): string {
  const parsed = value && URL.canParse(value) ? new URL(value) : undefined;
  const sound = parsed && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
  if (value && sound) return value;
  throw new KeeperSettingError(`${option} needs an http address, without a name or password.`, { next: HELP });
}

function address(option: string, value: string | undefined): Address {
  if (value && isAddress(value, { strict: false })) return value;
  throw new KeeperSettingError(`${option} needs an address.`, { next: HELP });
}

function count(option: string, value: string): number {
  if (/^\d{1,12}$/.test(value)) return Number(value);
  throw new KeeperSettingError(`${option} needs a whole number.`, { next: HELP });
}

function within(option: string, value: string, [least, most]: readonly [number, number], unit: string): number {
  const number = /^\d{1,12}$/.test(value) ? Number(value) : -1;
  if (number >= least && number <= most) return number;
  throw new KeeperSettingError(`${option} needs ${least} to ${most} ${unit}.`, { next: HELP });
}
