import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CALIBRATED } from '../src/prices/model.ts';

const script = fileURLToPath(new URL('calibrate.ts', import.meta.url));
const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', script, ...args], { encoding: 'utf8' });

test('the model and its page are what the histories give', () => {
  const { status, stdout, stderr } = run(`${process.env.TIDEMARK_DATA}/prices`, '--check', '--json');
  expect({ status, last: stderr.trim().split('\n').at(-1) }).toEqual({
    status: 0,
    last: expect.stringMatching(/^estimating SOL/),
  });
  const found = JSON.parse(stdout) as Record<string, { law: unknown }>;
  expect(Object.fromEntries(Object.entries(found).map(([symbol, { law }]) => [symbol, law]))).toEqual(CALIBRATED);
}, 180_000);
