import { parseArgs } from 'node:util';
import { type Address, type Hex, isAddress, isHex } from 'viem';
import { KeeperSettingError } from './errors.ts';
import type { KeeperOptions } from './keeper.ts';

export const USAGE = `npm run keeper -- --rpc URL --engine ADDRESS --prices URL [--vault ADDRESS] [--poll MS] [--start-block N] [--json]
The key is read from TIDEMARK_KEEPER_KEY: 32 bytes, hexadecimal.`;

/**
 * The keeper's settings from the command line and the environment.
 * @throws {KeeperSettingError} when one is missing or wrong.
 */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { options: KeeperOptions; json: boolean } {
  const values = parse(args);
  const privateKey = env.TIDEMARK_KEEPER_KEY ?? '';
  if (!isHex(privateKey) || privateKey.length !== 66) {
    throw new KeeperSettingError('TIDEMARK_KEEPER_KEY holds no key.', { next: 'Set it to 32 bytes, hexadecimal.' });
  }
  return {
    options: {
      rpc: url('--rpc', values.rpc),
      engine: address('--engine', values.engine),
      prices: url('--prices', values.prices),
      privateKey: privateKey as Hex,
      ...(values.vault !== undefined && { vault: address('--vault', values.vault) }),
      ...(values.poll !== undefined && { pollMs: count('--poll', values.poll) }),
      ...(values['start-block'] !== undefined && { startBlock: BigInt(count('--start-block', values['start-block'])) }),
    },
    json: values.json === true,
  };
}

function parse(args: readonly string[]) {
  const string = { type: 'string' } as const;
  const options = { rpc: string, engine: string, prices: string, vault: string, poll: string, 'start-block': string };
  try {
    return parseArgs({ args: [...args], options: { ...options, json: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new KeeperSettingError((error as Error).message, { next: USAGE });
  }
}

function url(option: string, value: string | undefined): string {
  if (value && /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')) return value;
  throw new KeeperSettingError(`${option} needs an http address.`, { next: USAGE });
}

function address(option: string, value: string | undefined): Address {
  if (value && isAddress(value, { strict: false })) return value;
  throw new KeeperSettingError(`${option} needs an address.`, { next: USAGE });
}

function count(option: string, value: string): number {
  if (/^\d{1,12}$/.test(value)) return Number(value);
  throw new KeeperSettingError(`${option} needs a whole number.`, { next: USAGE });
}
