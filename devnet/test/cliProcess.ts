import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Devnet } from '../src/devnet.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How a command ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a start says first when a source has changed since the last one. */
const BUILDING = /^Building the .*\n/gm;
const SCRIPT = [process.execPath, 'scripts/start.mjs'] as const;

/** The command behind "npm start" as a process of its own. */
export class CliProcess {
  readonly ended: Promise<End>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #firstLine: Promise<string | undefined>;

  /** @param command What is run with the arguments; the script itself unless told. */
  constructor(args: readonly string[], [command, ...before]: readonly [string, ...string[]] = SCRIPT) {
    const child = spawn(command, [...before, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr: stderr.replace(BUILDING, '') }));
    });
    const lines = createInterface(child.stdout);
    this.#firstLine = new Promise((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(undefined));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The addresses that it prints when it runs. @throws When it ends instead. */
  async urls(): Promise<Devnet['urls']> {
    const line = await this.#firstLine;
    if (line === undefined) throw new Error(`It ended:\n${(await this.ended).stderr}`);
    return JSON.parse(line);
  }

  kill(signal: NodeJS.Signals): Promise<End> {
    this.#child.kill(signal);
    return this.ended;
  }

  /** Every process that it started, and those started, with their commands. */
  descendants(): { pid: number; command: string }[] {
    const all = processes();
    const found = new Set([this.pid]);
    // A child's id may be smaller than its parent's: look until nothing more is found.
    for (let size = 0; size < found.size; ) {
      size = found.size;
      for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
    }
    return all.filter(({ pid }) => pid !== this.pid && found.has(pid));
  }
}

function processes(): { pid: number; parent: number; command: string }[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return rows.flatMap((row) => {
    const [, pid, parent, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(row) ?? [];
    const own = !pid || state?.startsWith('Z') || /^ps -A/.test(command);
    return own ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** Which of these processes still run. */
export function running(pids: readonly number[]): string[] {
  return processes()
    .filter(({ pid }) => pids.includes(pid))
    .map(({ command }) => command);
}
