import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DevnetError } from '../../src/errors.ts';
import { freePort } from '../stage.ts';

export const OPS = fileURLToPath(new URL('../../../keeper/ops/', import.meta.url));
const TIMEOUT_MS = 60_000;

/** @throws {DevnetError} when Prometheus or its tool cannot be run. */
export function requirePrometheus(): void {
  for (const name of ['promtool', 'prometheus']) {
    if (spawnSync(name, ['--version']).status !== 0) {
      throw new DevnetError(`There is no ${name}.`, "Install Debian's package prometheus, or put both on the PATH.");
    }
  }
}

/** Runs promtool on the alerts. @throws {DevnetError} with what it says, when it finds something. */
export function checkRules(): void {
  for (const args of [
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: OPS, encoding: 'utf8' });
    const said = `${stdout}${stderr}`;
    if (status !== 0) throw new DevnetError(`promtool ${args.join(' ')}:\n${said.trim()}`, 'Correct the rules.');
  }
}

/** The alerts' names, and the rules with every duration of the wall clock cut to seconds: promtool proves the real ones. */
export function quickRules(): { names: string[]; rules: string } {
  const rules = readFileSync(join(OPS, 'alerts.yml'), 'utf8')
    .replace(/for: \w+/g, 'for: 1s')
    .replace(/\[\w+\]/g, '[15s]')
    .replace('tidemark_block_age_seconds > 60', 'tidemark_block_age_seconds > 12');
  return { names: [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string), rules };
}

/** The expressions of the dashboard, as Grafana would ask them. */
export function dashboardExpressions(): string[] {
  const { panels } = JSON.parse(readFileSync(join(OPS, 'dashboard.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .map((expr) => expr.replaceAll('$__rate_interval', '30s'));
}

/** A running Prometheus that scrapes one target each second. */
export class Prometheus {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #folder: string;
  #said = '';

  private constructor(child: ChildProcess, url: string, folder: string) {
    this.#child = child;
    this.#url = url;
    this.#folder = folder;
    child.stderr?.on('data', (chunk) => {
      this.#said = `${this.#said}${chunk}`.slice(-4_000);
    });
  }

  /** @param target Host and port. */
  static async start(target: string, rules: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s', scrape_timeout: '1s' },
      rule_files: ['alerts.yml'],
      scrape_configs: [{ job_name: 'tidemark-keeper', static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(join(folder, 'alerts.yml'), rules);
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    execFileSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { stdio: 'pipe' });
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ];
    const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const prometheus = new Prometheus(child, `http://${address}`, folder);
    try {
      await waitFor('Prometheus is ready', async () => {
        if (child.exitCode !== null) throw new DevnetError(`Prometheus ended:\n${prometheus.#said}`, 'Read its words.');
        return (await fetch(`${prometheus.#url}/-/ready`).catch(() => null))?.ok === true;
      });
    } catch (error) {
      await prometheus.stop();
      throw error;
    }
    return prometheus;
  }

  /** The names of the alerts that fire. */
  async firing(): Promise<Set<string>> {
    const { alerts } = (await this.#get('/api/v1/alerts')) as {
      alerts: { state: string; labels: Record<string, string> }[];
    };
    return new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname as string));
  }

  /** How many series an expression returns now. */
  async series(expression: string): Promise<number> {
    const { result } = (await this.#get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
      result: unknown[];
    };
    return result.length;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: unknown; error?: string };
    if (status !== 'success') throw new DevnetError(`Prometheus refuses ${path}: ${error}`, 'Correct the expression.');
    return data;
  }
}

/**
 * Waits for a state.
 * @param step Called before each look at it: what time is made to pass by.
 * @throws {DevnetError} when it does not come within a minute.
 */
export async function waitFor(
  what: string,
  holds: () => Promise<boolean>,
  step: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, 100)),
): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new DevnetError(`In vain waited for: ${what}.`, 'Look at what the keeper told.');
    await step();
  }
}
