import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { DatabaseConfig } from '@tidemark/database';
import { type Address, isAddress } from 'viem';
import { IndexerError } from './errors.ts';
import { type Command, HELP } from './usage.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Who indexes: this process, or a graph-node whose endpoint is given. */
export type EngineConfig = { readonly kind: 'embedded' } | { readonly kind: 'graph-node'; readonly url: string };

export interface RunConfig {
  readonly build: string;
  readonly rpcs: readonly string[];
  readonly database: DatabaseConfig;
  readonly ipfs: readonly string[];
  readonly engine: EngineConfig;
  readonly pollMs: number;
  readonly host: string;
  readonly port: number;
  readonly trustProxy: boolean;
  readonly orders: { readonly engine: Address; readonly takeOver?: string; readonly startBlock?: bigint } | null;
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface StatusConfig {
  readonly database: DatabaseConfig;
  readonly host: string;
  readonly port: number;
  readonly json: boolean;
}

export interface ExportConfig {
  readonly database: DatabaseConfig;
  readonly entity: string;
  readonly format: 'csv' | 'json';
  /** Of an aggregation. */
  readonly interval: 'hour' | 'day' | undefined;
}

const text = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  run: {
    ...{ build: text, rpc: several, database: text, ipfs: several, engine: text, url: text, poll: text, host: text },
    ...{ port: text, orders: text, 'take-over': text, 'start-block': text },
    ...{ 'trust-proxy': flag, json: flag, verbose: flag },
  },
  status: { database: text, host: text, port: text, json: flag },
  resync: { database: text },
  export: { database: text, entity: text, format: text, interval: text },
  backup: { database: text },
  restore: { database: text },
} as const satisfies Record<Command, Options>;

const DEFAULT_DATABASE = 'pglite:.tidemark/index';

/** A setting is missing or wrong. It never says what may be a secret. */
class SettingError extends IndexerError {
  constructor(what: string, command: Command) {
    super(what, `See "tidemark-indexer ${command} --help".`);
  }
}

/** Which command a line is of, and the rest of it. @throws {IndexerError} when there is no such command. */
export function readCommand([first, ...rest]: readonly string[]): { command: Command; args: readonly string[] } {
  if (first === undefined || first.startsWith('-'))
    return { command: 'run', args: first === undefined ? [] : [first, ...rest] };
  // What stands there may be a secret.
  if (!(first in HELP))
    throw new IndexerError('There is no such command.', `There are ${Object.keys(HELP).join(', ')}.`);
  return { command: first as Command, args: rest };
}

/** @throws {IndexerError} when a setting is missing or wrong. */
export function readRunConfig(args: readonly string[], env: Env): RunConfig {
  const { values } = parse('run', args);
  const engine = engineOf(values);
  const rpcs =
    (values.rpc as readonly string[] | undefined) ?? env.TIDEMARK_RPC?.split(' ').filter((url) => url !== '') ?? [];
  const {
    build,
    orders,
    'start-block': startBlock,
    'take-over': takeOver,
  } = values as Readonly<Record<string, string>>;
  if (!build) throw new SettingError('--build is missing.', 'run');
  if (rpcs.length === 0 && (engine.kind === 'embedded' || orders)) throw new SettingError('--rpc is missing.', 'run');
  if (orders !== undefined && !isAddress(orders, { strict: false }))
    throw new SettingError('--orders needs an address.', 'run');
  return {
    build,
    rpcs: rpcs.map((url) => addressOf('--rpc', url, /^(https?|wss?):$/)),
    database: databaseOf('run', values, env),
    ipfs: ((values.ipfs as readonly string[] | undefined) ?? []).map((url) => addressOf('--ipfs', url, /^https?:$/)),
    engine,
    pollMs: count('run', '--poll', values.poll, 200, [10, 60_000]),
    host: String(values.host ?? '127.0.0.1'),
    port: count('run', '--port', values.port, 8549, [0, 65_535]),
    trustProxy: values['trust-proxy'] === true,
    orders: orders
      ? {
          engine: orders as Address,
          ...(takeOver !== undefined && { takeOver }),
          ...(startBlock !== undefined && {
            startBlock: BigInt(count('run', '--start-block', startBlock, 0, [0, 2 ** 47])),
          }),
        }
      : null,
    json: values.json === true,
    verbose: values.verbose === true,
  };
}

/** @throws {IndexerError} when a setting is wrong. */
export function readStatusConfig(args: readonly string[], env: Env): StatusConfig {
  const { values } = parse('status', args);
  return {
    database: databaseOf('status', values, env),
    host: String(values.host ?? '127.0.0.1'),
    port: count('status', '--port', values.port, 8549, [1, 65_535]),
    json: values.json === true,
  };
}

/** @throws {IndexerError} when a setting is missing or wrong. */
export function readExportConfig(args: readonly string[], env: Env): ExportConfig {
  const { values } = parse('export', args);
  const { entity, format, interval } = values as Readonly<Record<string, string | undefined>>;
  if (!entity) throw new SettingError('--entity is missing.', 'export');
  if (format !== 'csv' && format !== 'json') throw new SettingError('--format needs csv or json.', 'export');
  if (interval !== undefined && interval !== 'hour' && interval !== 'day') {
    throw new SettingError('--interval needs hour or day.', 'export');
  }
  return { database: databaseOf('export', values, env), entity, format, interval };
}

/** @throws {IndexerError} when the database is none. */
export function readResyncConfig(args: readonly string[], env: Env): DatabaseConfig {
  return databaseOf('resync', parse('resync', args).values, env);
}

/** Of backup and restore: a folder and a file. @throws {IndexerError} */
export function readBackupConfig(command: 'backup' | 'restore', args: readonly string[], env: Env) {
  const { values, positionals } = parse(command, args, true);
  const database = databaseOf(command, values, env);
  if (!('folder' in database) || database.folder === null) {
    const tool = command === 'backup' ? 'pg_dump' : 'pg_restore';
    throw new IndexerError('A Postgres is not backed up from here.', `Use ${tool}, see docs/indexing-operations.md.`);
  }
  const [file] = positionals;
  if (!file || positionals.length > 1) throw new SettingError('One file has to be named.', command);
  return { folder: database.folder, file };
}

function parse(command: Command, args: readonly string[], allowPositionals = false) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS[command] as Options,
      allowPositionals: true,
    });
    // What stands there may be a secret.
    if (positionals.length > 0 && !allowPositionals) throw new Error('Every setting has an option before it.');
    return { values: values as Values, positionals };
  } catch (error) {
    const [what] = (error as Error).message.split('\n');
    throw new SettingError(what ?? '', command);
  }
}

function engineOf(values: Values): EngineConfig {
  const { engine = 'embedded', url } = values as Readonly<Record<string, string | undefined>>;
  if (engine === 'graph-node') return { kind: engine, url: addressOf('--url', url ?? '', /^https?:$/) };
  if (engine !== 'embedded') throw new SettingError('--engine needs embedded or graph-node.', 'run');
  if (url !== undefined) throw new SettingError('--url belongs to --engine graph-node.', 'run');
  return { kind: engine };
}

function databaseOf(command: Command, values: Values, env: Env): DatabaseConfig {
  const value = String(values.database ?? env.TIDEMARK_DATABASE ?? DEFAULT_DATABASE);
  if (value.startsWith('pglite:') && value.length > 'pglite:'.length) return { folder: value.slice('pglite:'.length) };
  if (URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol)) return { postgres: value };
  throw new SettingError('--database needs pglite:FOLDER or postgres://USER:PASSWORD@HOST/DATABASE.', command);
}

function addressOf(option: string, value: string, protocols: RegExp): string {
  if (URL.canParse(value) && protocols.test(new URL(value).protocol)) return value;
  throw new SettingError(`${option} needs an address such as https://…`, 'run');
}

function count(
  command: Command,
  option: string,
  value: Values[string],
  preset: number,
  [least, most]: readonly [number, number],
): number {
  if (value === undefined) return preset;
  const number = /^\d{1,15}$/.test(String(value)) ? Number(value) : -1;
  if (number >= least && number <= most) return number;
  throw new SettingError(`${option} needs a whole number from ${least} to ${most}.`, command);
}
