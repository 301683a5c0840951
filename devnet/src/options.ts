import { parseArgs } from 'node:util';
import { DevnetError } from './errors.ts';
import type { AskedPrices } from './prices/origin.ts';

/** How a devnet is started. */
export interface DevnetOptions extends AskedPrices {
  /** Chain seconds per second. */
  readonly speed: number;
  /** How many simple traders keep it alive. */
  readonly traders: number;
  /** Forget the chain and start anew. */
  readonly fresh: boolean;
  readonly json: boolean;
  /** Ports of the page, the chain, the price service, the gateway of proposals' metadata and the one of index and orders. */
  readonly port: number;
  readonly rpcPort: number;
  readonly pricesPort: number;
  readonly metadataPort: number;
  readonly graphqlPort: number;
  /** Folder of the state. */
  readonly state: string;
}

export const USAGE = `npm start -- [options]
  --source live|replay|model   where prices come from (default: as before; on a new chain live if reachable, else replay
                               when a history is given, else model)
  --history FOLDER             price files for a replay
  --from DATE --to DATE        stretch of the replay, e.g. 2021-05-19
  --speed N                    chain seconds per second (default 1)
  --seed N                     of the model and the traders (default 1)
  --traders N                  simple traders that keep it alive, 0 to 3 (default 3)
  --fresh                      start anew instead of resuming
  --port N --rpc-port N --prices-port N --metadata-port N --graphql-port N  (default 8080, 8545, 8546, 8547, 8549)
  --state FOLDER               (default .tidemark)
  --json                       print one line when ready`;

const HELP = 'See "npm start -- --help".';

/**
 * Reads the command line.
 * @throws {DevnetError} When an option is unknown or its value cannot be.
 */
export function readOptions(argv: readonly string[]): DevnetOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        source: text,
        history: text,
        from: text,
        to: text,
        speed: text,
        seed: text,
        traders: text,
        fresh: flag,
        json: flag,
        port: text,
        'rpc-port': text,
        'prices-port': text,
        'metadata-port': text,
        'graphql-port': text,
        state: text,
      },
    }));
  } catch (error) {
    const [what = ''] = (error as Error).message.split(/\. |\n/);
    throw new DevnetError(`${what.replace(/\.$/, '')}.`, HELP);
  }
  const empty = Object.keys(values).find((name) => values[name] === '');
  if (empty) throw new DevnetError(`--${empty} is empty.`, HELP);
  const number = (name: string, preset: number, least: number, most: number): number => {
    const value = values[name] === undefined ? preset : Number(values[name]);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new DevnetError(`--${name} ${values[name]} is not a number from ${least} to ${most}.`, HELP);
  };
  const whole = (name: string, preset: number, least: number, most: number): number => {
    const value = number(name, preset, least, most);
    if (Number.isInteger(value)) return value;
    throw new DevnetError(`--${name} ${values[name]} is not a whole number.`, HELP);
  };
  const date = (name: string): number | undefined => {
    if (values[name] === undefined) return undefined;
    const time = Date.parse(String(values[name]));
    if (!Number.isNaN(time)) return Math.floor(time / 1000);
    throw new DevnetError(`--${name} ${values[name]} is not a date.`, 'Write it as 2021-05-19 or 2021-05-19T12:00Z.');
  };
  const source = values.source as DevnetOptions['source'];
  if (source !== undefined && !['live', 'replay', 'model'].includes(source)) {
    throw new DevnetError(`--source ${source} is unknown.`, 'Use live, replay or model.');
  }
  const stray = ['history', 'from', 'to'].find((name) => values[name] !== undefined);
  if (stray && source !== undefined && source !== 'replay') {
    throw new DevnetError(`--${stray} belongs to a replay, not to --source ${source}.`, 'Leave one of them out.');
  }
  const port = whole('port', 8080, 1, 65_535);
  const rpcPort = whole('rpc-port', 8545, 1, 65_535);
  const pricesPort = whole('prices-port', 8546, 1, 65_535);
  const metadataPort = whole('metadata-port', 8547, 1, 65_535);
  const graphqlPort = whole('graphql-port', 8549, 1, 65_535);
  const ports = [port, rpcPort, pricesPort, metadataPort, graphqlPort];
  if (new Set(ports).size < ports.length) {
    throw new DevnetError(`The ports ${ports.slice(0, -1).join(', ')} and ${graphqlPort} are not different.`, HELP);
  }
  return {
    source,
    history: values.history as string | undefined,
    from: date('from'),
    to: date('to'),
    speed: number('speed', 1, 1, 1000),
    seed: values.seed === undefined ? undefined : whole('seed', 1, 0, 2 ** 32 - 1),
    traders: whole('traders', 3, 0, 3),
    fresh: values.fresh === true,
    json: values.json === true,
    port,
    rpcPort,
    pricesPort,
    metadataPort,
    graphqlPort,
    state: (values.state as string | undefined) ?? '.tidemark',
  };
}
