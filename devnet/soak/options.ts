import { parseArgs } from 'node:util';
import { ROLES, type Role } from '@tidemark/keeper';
import { DevnetError } from '../src/errors.ts';

/** How a soak is run. */
export interface SoakOptions {
  /** Of the wall's clock. */
  readonly minutes: number;
  /** Chain seconds per second. */
  readonly speed: number;
  readonly seed: number;
  readonly traders: number;
  readonly orders: number;
  /** How often each kind of fault comes. */
  readonly rounds: number;
  readonly without: readonly Role[];
  readonly log: string | undefined;
  readonly write: boolean;
  readonly json: boolean;
}

export const SOAK_USAGE = `npm run soak -- [options]
  --minutes N      of the wall's clock (default 20)
  --speed N        chain seconds per second (default 1)
  --traders N      (default 200)
  --orders N       (default 2000)
  --faults N       how often each kind of fault comes (default 3)
  --seed N         of prices, traders and faults (default 1)
  --without ROLE,… roles that no keeper has; the soak is to fail then
  --short          --minutes 2 --speed 4 --traders 40 --orders 250 --faults 1
  --log FOLDER     keeps what the keepers tell
  --write          writes docs/soak.md
  --json           prints one line of JSON`;

/** How a race is run. */
export interface RaceOptions {
  /** Of the chain's time. */
  readonly minutes: number;
  readonly seed: number;
  readonly traders: number;
  /** Orders in a minute. */
  readonly flow: number;
  /** Thousandths of a gwei: what gas costs on L2. */
  readonly gas: number;
  /** Whether neither keeper sees what the other has sent before it is in a block. */
  readonly blind: boolean;
  readonly log: string | undefined;
  readonly json: boolean;
}

export const RACE_USAGE = `npm run race -- [options]
  --minutes N      of the chain's time (default 60)
  --traders N      (default 60)
  --flow N         orders in a minute (default 30)
  --gas N          thousandths of a gwei that gas costs on L2 (default 10)
  --blind          neither keeper sees the other's settlements and liquidations before they are in a block
  --seed N         of prices and traders (default 1)
  --log FOLDER     keeps what the keepers tell
  --json           prints one line of JSON`;

type Values = Record<string, string | boolean | undefined>;

function parse(argv: readonly string[], flags: readonly string[], texts: readonly string[], help: string) {
  const options = Object.fromEntries([
    ...flags.map((name) => [name, { type: 'boolean' as const }]),
    ...texts.map((name) => [name, { type: 'string' as const }]),
  ]);
  let values: Values;
  try {
    ({ values } = parseArgs({ args: [...argv], options }) as { values: Values });
  } catch (error) {
    const [what = ''] = (error as Error).message.split(/\. |\n/);
    throw new DevnetError(`${what.replace(/\.$/, '')}.`, help);
  }
  const number = (name: string, preset: number, least: number, most: number): number => {
    const value = values[name] === undefined ? preset : Number(values[name]);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new DevnetError(`--${name} ${values[name]} is not a number from ${least} to ${most}.`, help);
  };
  const whole = (name: string, preset: number, least: number, most: number): number => {
    const value = number(name, preset, least, most);
    if (Number.isInteger(value)) return value;
    throw new DevnetError(`--${name} ${values[name]} is not a whole number.`, help);
  };
  return { values, number, whole };
}

/** @throws {DevnetError} When an option is unknown or its value cannot be. */
export function readSoakOptions(argv: readonly string[]): SoakOptions {
  const help = 'See "npm run soak -- --help".';
  const texts = ['minutes', 'speed', 'traders', 'orders', 'faults', 'seed', 'without', 'log'];
  const { values, number, whole } = parse(argv, ['short', 'write', 'json'], texts, help);
  const presets = values.short
    ? { minutes: 2, speed: 4, traders: 40, orders: 250, rounds: 1 }
    : { minutes: 20, speed: 1, traders: 200, orders: 2000, rounds: 3 };
  const without = typeof values.without === 'string' ? values.without.split(',') : [];
  const unknown = without.find((role) => !ROLES.includes(role as Role));
  if (unknown !== undefined) throw new DevnetError(`There is no role ${unknown}. There are ${ROLES.join(', ')}.`, help);
  return {
    minutes: number('minutes', presets.minutes, 0.5, 600),
    speed: number('speed', presets.speed, 0.1, 50),
    traders: whole('traders', presets.traders, 1, 1_000),
    orders: whole('orders', presets.orders, 1, 100_000),
    rounds: whole('faults', presets.rounds, 0, 100),
    seed: whole('seed', 1, 0, 2 ** 31),
    without: without as Role[],
    log: values.log as string | undefined,
    write: values.write === true,
    json: values.json === true,
  };
}

/** @throws {DevnetError} When an option is unknown or its value cannot be. */
export function readRaceOptions(argv: readonly string[]): RaceOptions {
  const help = 'See "npm run race -- --help".';
  const texts = ['minutes', 'traders', 'flow', 'gas', 'seed', 'log'];
  const { values, number, whole } = parse(argv, ['blind', 'json'], texts, help);
  return {
    minutes: number('minutes', 60, 1, 6_000),
    traders: whole('traders', 60, 1, 1_000),
    flow: number('flow', 30, 1, 1_000),
    gas: whole('gas', 10, 1, 1_000_000),
    seed: whole('seed', 1, 0, 2 ** 31),
    blind: values.blind === true,
    log: values.log as string | undefined,
    json: values.json === true,
  };
}
