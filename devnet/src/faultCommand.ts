// The command behind "npm run fault": sets, lists and clears faults of the prices of a running devnet.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DevnetError, toLine } from './errors.ts';
import type { FaultRequest } from './faults/faults.ts';
import { type ActiveFault, FAULTS, type FaultKind, type FaultName, sourcesOf } from './faults/table.ts';

const HELP = 'See "npm run fault -- --help".';

const USAGE = `npm run fault -- <name> [options] | list | clear
  --market SYMBOL       one market (default: all)
  --source SOURCE       pyth or chainlink (default: the first that the fault has)
  --factor N            of those with one
  --for SECONDS         of chain time (default: until cleared)
  --prices-port N       of the devnet (default 8546)
  --json                print what the devnet answers

${Object.entries<FaultKind>(FAULTS)
  .map(([name, kind]) => `  ${name.padEnd(18)}${sourcesOf(kind).join(', ').padEnd(18)}${kind.what}`)
  .join('\n')}`;

interface Command {
  readonly action: 'set' | 'list' | 'clear';
  readonly fault: FaultRequest | undefined;
  readonly port: number;
  readonly json: boolean;
}

/** @throws {DevnetError} When an option is unknown or its value cannot be. */
function readCommand(argv: readonly string[]): Command {
  const text = { type: 'string' } as const;
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        market: text,
        source: text,
        factor: text,
        for: text,
        'prices-port': text,
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    const [what = ''] = (error as Error).message.split(/\. |\n/);
    throw new DevnetError(`${what.replace(/\.$/, '')}.`, HELP);
  }
  const { values, positionals } = parsed;
  const [word, ...more] = positionals;
  if (word === undefined || more.length > 0) throw new DevnetError('Name one fault, or list, or clear.', HELP);
  const number = (name: string): number | undefined => {
    const value = values[name];
    if (value === undefined) return undefined;
    if (value !== '' && Number.isFinite(Number(value))) return Number(value);
    throw new DevnetError(`--${name} ${value} is no number.`, HELP);
  };
  const port = number('prices-port') ?? 8546;
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) throw new DevnetError(`${port} is no port.`, HELP);
  const { market, source } = values as Pick<FaultRequest, 'market' | 'source'>;
  const request = { market, source, factor: number('factor'), for: number('for') };
  const action = word === 'list' || word === 'clear' ? word : 'set';
  const stray = Object.entries(request).find(([, value]) => value !== undefined);
  if (action !== 'set' && stray) throw new DevnetError(`${word} has no --${stray[0]}.`, HELP);
  const fault = action === 'set' ? { name: word as FaultName, ...request } : undefined;
  return { action, fault, port, json: values.json === true };
}

/** @throws {DevnetError} When no devnet answers, or it refuses the fault. */
async function ask({ action, fault, port }: Command): Promise<ActiveFault | readonly ActiveFault[]> {
  const method = { set: 'PUT', list: 'GET', clear: 'DELETE' }[action];
  const notThere = (cause?: Error) =>
    new DevnetError(
      `No devnet answers at port ${port}.`,
      'Start one with "npm start", or name its port with --prices-port.',
      cause,
    );
  const url = `http://127.0.0.1:${port}/faults`;
  const response = await fetch(url, { method, ...(fault && { body: JSON.stringify(fault) }) }).catch((error) => {
    throw notThere(error);
  });
  const body = await response.text();
  if (response.status === 400) throw new DevnetError(body.trim(), HELP);
  if (!response.ok) throw notThere();
  return JSON.parse(body);
}

/** A fault in one line. */
function describe({ name, source, market, factor, until }: ActiveFault): string {
  const where = source === 'sequencer' || source === 'usdc' ? source : `${market ?? 'every market'} by ${source}`;
  const end = until === null ? 'until cleared' : `until ${new Date(until * 1000).toISOString()} of the chain`;
  return `${name}: ${where}${factor === null ? '' : `, factor ${factor}`}, ${end}`;
}

/**
 * Does what the arguments ask for.
 * @returns What to print.
 * @throws {DevnetError} When they cannot be, no devnet answers, or it refuses.
 */
export async function runFaultCommand(argv: readonly string[]): Promise<string> {
  if (argv.includes('--help')) return USAGE;
  const command = readCommand(argv);
  const answer = await ask(command);
  if (command.json) return JSON.stringify(answer);
  const faults = [answer].flat() as ActiveFault[];
  return faults.length === 0 ? 'No fault is set.' : faults.map(describe).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await runFaultCommand(process.argv.slice(2)));
  } catch (error) {
    console.error(toLine(error));
    process.exitCode = 1;
  }
}
