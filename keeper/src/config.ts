import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Address, type Hex, isAddress, isHex, parseUnits } from 'viem';
import { KeeperSettingError } from './errors.ts';
import type { KeeperOptions } from './keeper.ts';
import { DEFAULT_SETTINGS } from './plan/index.ts';
import type { PriceEndpoint } from './prices/priceSources.ts';
import { ROLES, type Role } from './roles.ts';
import { LOG_LEVELS, type LogFormat, type LogLevel } from './telemetry/log.ts';

/** Where a command line's help is. */
const HELP = 'See "tidemark-keeper run --help".';
const EARNINGS_HELP = 'See "tidemark-keeper earnings --help".';

type Env = Readonly<Record<string, string | undefined>>;

/** Seconds. Openings need indices of 60 s at most, inclusion and a lost block or two taken off. */
const HEARTBEATS = [10, 50] as const;
const DEVIATIONS = [1, 1_000] as const;

/** Blocks. */
const PATIENCES = [1, 1_000] as const;
/** Seconds. */
const MAX_AGES = [1, 86_400] as const;
const DEFAULT_MAX_AGE = 60;

/** How the keeper's transactions are signed. */
export type SignerSettings =
  | { readonly kind: 'key'; readonly privateKey: Hex }
  | { readonly kind: 'keystore'; readonly file: string; readonly password: string }
  | { readonly kind: 'remote'; readonly url: string; readonly address: Address };

export interface Config {
  /** All of the keeper's options but what has to be opened first. */
  readonly options: Omit<KeeperOptions, 'roles' | 'signer' | 'orders' | 'onEvent' | 'onSnapshot'> & {
    readonly roles: readonly Role[];
  };
  readonly signer: SignerSettings;
  /** Order services. */
  readonly orders: readonly string[];
  readonly log: { readonly format: LogFormat; readonly level: LogLevel };
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** Seconds. */
  readonly maxAge: number;
  /** A folder. */
  readonly journal: string | null;
  /** What must never be written anywhere. */
  readonly secrets: readonly string[];
}

/**
 * The keeper's settings from the command line and the environment.
 * @throws {KeeperSettingError} when one is missing or wrong; it never says what a secret is.
 */
export function readConfig(args: readonly string[], env: Env): Config {
  const values = parse(args, RUN_OPTIONS, HELP);
  const { heartbeat, deviation } = values;
  const rpcs = services('--rpc', values.rpc, 'TIDEMARK_RPC', env);
  const prices = endpoints(values.prices, env);
  const orders = (values.orders ?? []).map((one) => url('--orders', one));
  const signer = readSigner(values, env);
  return {
    options: {
      rpcs,
      engine: address('--engine', values.engine),
      prices,
      roles: values.roles === undefined ? ROLES : roles('--roles', values.roles),
      atLoss: atLoss(values['at-loss']),
      dryRun: values['dry-run'] === true,
      ...(values.chain !== undefined && { chainId: count('--chain', values.chain) }),
      ...(values['ether-price'] !== undefined && { etherPrice: amount('--ether-price', values['ether-price'], 18) }),
      ...(values['max-fee'] !== undefined && { maxFee: amount('--max-fee', values['max-fee'], 9) }),
      ...(values.patience !== undefined && { patience: within('--patience', values.patience, PATIENCES, 'blocks') }),
      settings: {
        ...DEFAULT_SETTINGS,
        ...(heartbeat !== undefined && { heartbeat: BigInt(within('--heartbeat', heartbeat, HEARTBEATS, 'seconds')) }),
        ...(deviation !== undefined && {
          deviationBps: BigInt(within('--deviation', deviation, DEVIATIONS, 'basis points')),
        }),
      },
      ...(values['risk-manager'] !== undefined && { riskManager: address('--risk-manager', values['risk-manager']) }),
      ...(values.vault !== undefined && { vault: address('--vault', values.vault) }),
      ...(values.governor !== undefined && { governor: address('--governor', values.governor) }),
      ...(values.guardian !== undefined && { guardian: address('--guardian', values.guardian) }),
      ...(values.poll !== undefined && { pollMs: count('--poll', values.poll) }),
      ...(values['start-block'] !== undefined && { startBlock: BigInt(count('--start-block', values['start-block'])) }),
    },
    signer,
    orders,
    log: readLog(values),
    metrics: values.metrics === undefined ? null : listener(values.metrics),
    maxAge:
      values['max-age'] === undefined ? DEFAULT_MAX_AGE : within('--max-age', values['max-age'], MAX_AGES, 'seconds'),
    journal: values.journal === undefined ? null : folder(values.journal),
    secrets: [
      ...(signer.kind === 'key' ? [signer.privateKey, signer.privateKey.slice(2)] : []),
      ...(signer.kind === 'keystore' ? [signer.password] : []),
      ...prices.flatMap(({ key }) => key ?? []),
      // Providers put keys into addresses, behind the host.
      ...[...rpcs, ...prices.map((one) => one.url), ...orders].flatMap(behindHost),
    ],
  };
}

/** What `earnings` is asked. @throws {KeeperSettingError} */
export function readEarningsConfig(args: readonly string[]): { journal: string; days?: number; json: boolean } {
  const values = parse(args, EARNINGS_OPTIONS, EARNINGS_HELP);
  if (!values.journal) throw new KeeperSettingError('--journal needs a folder.', { next: EARNINGS_HELP });
  const days = values.days === undefined ? undefined : within('--days', values.days, [1, 36_500], 'days');
  return { journal: values.journal, ...(days !== undefined && { days }), json: values.json === true };
}

const string = { type: 'string' } as const;
const strings = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

const RUN_OPTIONS = {
  rpc: strings,
  engine: string,
  prices: strings,
  orders: strings,
  'risk-manager': string,
  vault: string,
  governor: string,
  guardian: string,
  'start-block': string,
  roles: string,
  'at-loss': string,
  'dry-run': flag,
  chain: string,
  'ether-price': string,
  'max-fee': string,
  patience: string,
  heartbeat: string,
  deviation: string,
  poll: string,
  keystore: string,
  'password-file': string,
  signer: string,
  'signer-address': string,
  log: string,
  'log-level': string,
  json: flag,
  metrics: string,
  'max-age': string,
  journal: string,
} as const;

const EARNINGS_OPTIONS = { journal: string, days: string, json: flag } as const;

function parse<T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T, help: string) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    // What stands there may be a key.
    if (positionals.length > 0) throw new Error('Every setting has an option before it.');
    return values;
  } catch (error) {
    const [what] = (error as Error).message.split('\n');
    throw new KeeperSettingError(what ?? '', { next: help });
  }
}

interface SignerValues {
  readonly keystore?: string | undefined;
  readonly 'password-file'?: string | undefined;
  readonly signer?: string | undefined;
  readonly 'signer-address'?: string | undefined;
}

/** The one way to sign that is given. */
function readSigner(values: SignerValues, env: Env): SignerSettings {
  const key = env.TIDEMARK_KEEPER_KEY || undefined;
  const given = [key && 'TIDEMARK_KEEPER_KEY', values.keystore && '--keystore', values.signer && '--signer'];
  const [first, second] = given.filter((one) => one !== undefined);
  if (second) throw new KeeperSettingError(`${first} and ${second} both sign.`, { next: 'Give one of them.' });
  if (values['password-file'] !== undefined && !values.keystore) {
    throw new KeeperSettingError('--password-file is of no keystore.', { next: 'Give --keystore with it.' });
  }
  if (values['signer-address'] !== undefined && !values.signer) {
    throw new KeeperSettingError('--signer-address is of no signer.', { next: 'Give --signer with it.' });
  }
  if (values.keystore) {
    const file = values['password-file'];
    if (!file) throw new KeeperSettingError('--keystore needs --password-file.', { next: HELP });
    return { kind: 'keystore', file: values.keystore, password: contentOf('--password-file', file) };
  }
  if (values.signer) {
    const remote = url('--signer', values.signer);
    if (!isPrivate(remote)) {
      throw new KeeperSettingError('--signer would be asked in the clear.', { next: 'Give its https address.' });
    }
    return { kind: 'remote', url: remote, address: address('--signer-address', values['signer-address']) };
  }
  if (!key || !isHex(key) || key.length !== 66) {
    throw new KeeperSettingError(key ? 'TIDEMARK_KEEPER_KEY holds no key.' : 'No key is given.', {
      next: 'Set TIDEMARK_KEEPER_KEY to 32 bytes, hexadecimal, or give --keystore or --signer.',
    });
  }
  return { kind: 'key', privateKey: key };
}

function readLog(values: { log?: string | undefined; 'log-level'?: string | undefined; json?: boolean | undefined }) {
  if (values.json && (values.log !== undefined || values['log-level'] !== undefined)) {
    throw new KeeperSettingError('--json stands for --log and --log-level.', { next: 'Give it without them.' });
  }
  if (values.json) return { format: 'json', level: 'debug' } as const;
  return {
    format: oneOf('--log', values.log ?? 'pretty', ['json', 'pretty'] as const),
    level: oneOf('--log-level', values['log-level'] ?? 'info', LOG_LEVELS),
  };
}

function oneOf<const T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found) return found;
  throw new KeeperSettingError(`${option} needs one of ${known.join(', ')}.`, { next: HELP });
}

function roles(option: string, value: string): Role[] {
  const named = value.split(',').map((one) => oneOf(option, one.trim(), ROLES));
  // In the order of urgency, each once.
  return ROLES.filter((role) => named.includes(role));
}

function atLoss(value: string | undefined): readonly Role[] {
  if (value === undefined) return [];
  return value === 'all' ? ROLES : roles('--at-loss', value);
}

function listener(value: string): { host: string; port: number } {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):(\d{1,5})$/.exec(value) ?? [];
  if (host && Number(port) <= 65_535) return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  throw new KeeperSettingError('--metrics needs an address and a port, as in 127.0.0.1:9464.', { next: HELP });
}

function folder(value: string): string {
  if (value !== '') return value;
  throw new KeeperSettingError('--journal needs a folder.', { next: HELP });
}

/** What an address says behind its host, which may hold a key. */
function behindHost(address: string): string[] {
  const { pathname, search } = new URL(address);
  // A path that everybody's service has is no secret, and cutting it out would only blur the log.
  return [...pathname.split('/'), ...search.slice(1).split(/[&=]/)].filter((part) => part.length >= 12);
}

/** Addresses of services, the preferred one first, none twice. */
function services(option: string, given: readonly string[] | undefined, variable: string, env: Env): string[] {
  const source = given ? option : variable;
  const urls = given ?? (env[variable] ?? '').split(/\s+/).filter((one) => one !== '');
  if (urls.length === 0) url(option, undefined);
  if (new Set(urls).size < urls.length) {
    throw new KeeperSettingError(`${source} names the same service twice.`, { next: 'A failover is another service.' });
  }
  return urls.map((one) => url(source, one));
}

/** The price services with their keys, the preferred one first. */
function endpoints(given: readonly string[] | undefined, env: Env): PriceEndpoint[] {
  const urls = services('--prices', given, 'TIDEMARK_PRICES', env);
  const names = urls.map((_, i) => keyName(i));
  const stray = Object.keys(env).find((name) => isKeyName(name) && env[name] && !names.includes(baseOf(name)));
  if (stray) {
    throw new KeeperSettingError(`${stray} is the key of a price service that is not given.`, {
      next: 'Unset it, or give as many price services.',
    });
  }
  return urls.map((address, i) => {
    const key = priceKey(keyName(i), env);
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

/** A decimal number above 0, scaled. */
function amount(option: string, value: string, decimals: number): bigint {
  const scaled = /^\d{1,12}(\.\d{1,9})?$/.test(value) ? parseUnits(value, decimals) : 0n;
  if (scaled > 0n) return scaled;
  throw new KeeperSettingError(`${option} needs a number above 0.`, { next: HELP });
}

function within(option: string, value: string, [least, most]: readonly [number, number], unit: string): number {
  const number = /^\d{1,12}$/.test(value) ? Number(value) : -1;
  if (number >= least && number <= most) return number;
  throw new KeeperSettingError(`${option} needs ${least} to ${most} ${unit}.`, { next: HELP });
}
