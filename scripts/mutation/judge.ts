// Builds a copy of the tree with a batch of mutants in it, and asks the tests about each.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Share } from '../../sdk/test/differential/worker.ts';
import { errorsOf, root, solidityUnder } from '../compiled.mjs';
import { foundryBinary } from '../foundry.mjs';
import type { Mutant } from './mutants.ts';
import { plain, SCHEMA, schemaOf, schemaSource } from './schema.ts';

export type Numbered = Mutant & { id: number };

export interface Verdict {
  /** 'refused' by the compiler. */
  outcome: 'killed' | 'timed out' | 'survived' | 'refused';
  /** The test that failed. */
  by?: string;
  seconds: number;
}

/** Seconds that each suite takes unmutated. */
export type Durations = Record<string, number>;

const PARTS = ['contracts/src', 'contracts/test', 'contracts/doubles', 'scripts', 'vectors', 'foundry.toml'];
/** Suites that take less, in seconds, are asked first. */
const QUICK = 0.4;
/** The campaigns, only where all else has passed. */
const CAMPAIGNS = ['FrozenPrices', 'MovingPrices'];
/** Everything in a short form. */
const SHORT = {
  FOUNDRY_FUZZ_RUNS: '64',
  FOUNDRY_INVARIANT_RUNS: '4',
  FOUNDRY_INVARIANT_DEPTH: '64',
  FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: '0',
};
/** Sequences of the differential fuzz, for what no quick suite notices. */
const SEQUENCES = 40;
const DIFFERENTIAL = 'differential fuzz';
/** Processor time that a mutant may take beyond what the original takes: so many times as much, and seconds. */
const PATIENCE = { times: 10, seconds: 30 };

const contracts = solidityUnder('contracts/src');
const original = (file: string): string => readFileSync(join(root, file), 'latin1');
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString();

/** The sources of the contracts with mutants in them, by file. */
function textsOf(mutants: readonly Numbered[]): Record<string, string> {
  const texts: Record<string, string> = { [SCHEMA]: schemaSource };
  for (const file of contracts) {
    const inside = mutants.filter((mutant) => mutant.file === file);
    texts[file] = utf8(inside.length > 0 ? schemaOf(file, original(file), inside) : original(file));
  }
  return texts;
}

/** Those of the mutants that the compiler takes. */
export function compiling(mutants: readonly Numbered[]): Numbered[] {
  const errors = errorsOf(textsOf(mutants));
  if (errors.length === 0) return [...mutants];
  const files = new Set(errors.map(({ sourceLocation }) => sourceLocation?.file));
  const [doubtful, fine] = [
    mutants.filter(({ file }) => files.has(file)),
    mutants.filter(({ file }) => !files.has(file)),
  ];
  if (doubtful.length <= 1) return fine;
  const half = Math.ceil(doubtful.length / 2);
  return [...fine, ...compiling(doubtful.slice(0, half)), ...compiling(doubtful.slice(half))];
}

interface Answer {
  failed: string[];
  durations: Durations;
  late: boolean;
}

const DURATION = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 } as const;

/** Seconds of forge's "1m 2s 3ms". */
function secondsOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)(ns|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * DURATION[unit as keyof typeof DURATION], 0);
}

export class Judge {
  private readonly folder: string;
  private durations: Durations = {};

  /** @param folder Of the copy; made where it is missing. */
  constructor(folder: string) {
    this.folder = folder;
    for (const part of PARTS) {
      rmSync(join(folder, part), { recursive: true, force: true });
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    if (!existsSync(join(folder, 'node_modules')))
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  }

  /** Builds the mutants together. @throws When they do not compile. */
  build(mutants: readonly Numbered[]): void {
    for (const [file, text] of Object.entries(textsOf(mutants))) this.write(file, text);
    this.compile();
  }

  /** Builds one mutant as it would be written. */
  buildPlain(mutant: Mutant): void {
    this.build([]);
    this.write(mutant.file, utf8(plain(original(mutant.file), mutant)));
    this.compile();
  }

  private write(file: string, text: string): void {
    mkdirSync(join(this.folder, file, '..'), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  private compile(): void {
    const { status, stdout, stderr } = spawnSync(foundryBinary('forge'), ['build', '--color', 'never'], {
      cwd: this.folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`The mutants do not compile.\n${`${stdout}\n${stderr}`.slice(0, 4000)}`);
  }

  /**
   * Asks suites with one mutant in force.
   * @param id Zero for none.
   * @param suites All when none are named.
   * @param limit Processor time, seconds.
   */
  private async ask(id: number, limit: number, suites?: readonly string[]): Promise<Answer> {
    // What one mutant failed by is none of another's business.
    const scratch = join(this.folder, `contracts/cache/of-${id}`);
    const args = ['test', '--json', '-j', '1', '--block-prevrandao', `0x${id.toString(16).padStart(64, '0')}`];
    if (suites) args.push('--fail-fast', '--match-contract', `^(${suites.join('|')})$`);
    const { output, errors, signal } = await limited([foundryBinary('forge'), ...args], this.folder, limit, {
      ...SHORT,
      FOUNDRY_FUZZ_FAILURE_PERSIST_DIR: scratch,
      FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR: scratch,
      FOUNDRY_TEST_FAILURES_FILE: join(scratch, 'failures'),
    });
    rmSync(scratch, { recursive: true, force: true });
    if (signal === 'SIGXCPU') return { failed: [], durations: {}, late: true };
    const line = output.split('\n').find((text) => text.startsWith('{'));
    if (!line) throw new Error(`Mutant ${id}: the tests did not run. ${signal ?? ''}\n${output}\n${errors}`);
    return { ...read(line), late: false };
  }

  /** Asks the differential fuzz: its model knows of no mutant. Parameters as in {@link ask}. */
  private async differ(id: number, limit: number): Promise<Answer> {
    const artifacts = join(this.folder, 'contracts/out');
    const share: Share = { artifacts, seed: 1, first: 0, step: 1, count: SEQUENCES, long: 0, prevRandao: id };
    const args = ['--import', 'tsx', 'sdk/test/differential/worker.ts', JSON.stringify(share)];
    const started = Date.now();
    const { errors, code, signal } = await limited([process.execPath, ...args], root, limit, {});
    const late = signal === 'SIGXCPU';
    // Any other code is not the worker's: it did not run.
    if (!late && code !== 0 && code !== 2)
      throw new Error(`Mutant ${id}: the differential fuzz did not run. ${signal ?? ''}\n${errors}`);
    return { failed: code ? [DIFFERENTIAL] : [], durations: { [DIFFERENTIAL]: (Date.now() - started) / 1000 }, late };
  }

  /**
   * Sees that the build passes everything with no mutant in force.
   * @param known What an earlier run has found out about the same build.
   */
  async prepare(known?: Durations): Promise<Durations> {
    if (known) this.durations = known;
    else {
      const answers = await Promise.all([this.ask(0, 3600), this.differ(0, 3600)]);
      const failed = answers.flatMap((answer) => answer.failed);
      if (failed.length > 0) throw new Error(`These fail unmutated: ${failed.join(', ')}`);
      this.durations = Object.assign({}, ...answers.map(({ durations }) => durations));
    }
    return this.durations;
  }

  /**
   * @param likely Suites that may well notice, to be asked first, the likeliest before all.
   * @param argued Whether it is argued to be equivalent: then the quick suites and the differential fuzz are enough.
   */
  async judge(id: number, likely: readonly string[], argued = false): Promise<Verdict> {
    const started = Date.now();
    const lasts = (name: string) => this.durations[name] ?? 0;
    const late = [...CAMPAIGNS, DIFFERENTIAL];
    const others = Object.keys(this.durations).filter((name) => !late.includes(name));
    const quick = others.filter((name) => lasts(name) < QUICK);
    const first = likely[0] === DIFFERENTIAL ? [DIFFERENTIAL] : likely.filter((name) => quick.includes(name));
    const passed = new Set<string>();
    for (const stage of [first, quick, [DIFFERENTIAL], ...(argued ? [] : [others, CAMPAIGNS])]) {
      const suites = stage.filter((name) => !passed.has(name));
      if (suites.length === 0) continue;
      const limit = PATIENCE.times * suites.reduce((sum, name) => sum + lasts(name), 0) + PATIENCE.seconds;
      const answer = await (stage[0] === DIFFERENTIAL ? this.differ(id, limit) : this.ask(id, limit, suites));
      const seconds = (Date.now() - started) / 1000;
      if (answer.late) return { outcome: 'timed out', seconds };
      if (answer.failed[0]) return { outcome: 'killed', by: answer.failed[0], seconds };
      for (const name of suites) passed.add(name);
    }
    return { outcome: 'survived', seconds: (Date.now() - started) / 1000 };
  }
}

/** Runs a command until it ends or its processor time is spent: a busy machine makes nothing late. */
function limited(
  command: readonly string[],
  cwd: string,
  limit: number,
  env: Record<string, string>,
): Promise<{ output: string; errors: string; code: number | null; signal: NodeJS.Signals | null }> {
  const child = spawn('sh', ['-c', `ulimit -S -t ${Math.ceil(limit)}; exec "$@"`, 'sh', ...command], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ output, errors, code, signal }));
  });
}

/** What forge reports of a run. */
function read(line: string): Omit<Answer, 'late'> {
  const suites: Record<string, { duration: string; test_results: Record<string, { status: string }> }> =
    JSON.parse(line);
  const failed: string[] = [];
  const durations: Durations = {};
  for (const [path, { duration, test_results }] of Object.entries(suites)) {
    const name = path.split(':').at(-1) ?? path;
    durations[name] = secondsOf(duration);
    for (const [test, { status }] of Object.entries(test_results)) {
      if (status === 'Failure') failed.push(`${name}.${test.split('(')[0]}`);
    }
  }
  return { failed, durations };
}
