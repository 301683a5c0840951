import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('calibrate.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tidemark-calibrate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const header = 'unix_ts,open,high,low,close,volume\n';
const corrupt = join(folder, 'ETHUSDT_1m_2021-05-19_2021-05-20.csv');
writeFileSync(corrupt, `${header}1621382400,1,2,3\n`);

test.each([
  ['no folder', [], 'One folder of price files is needed. Write: npm run calibrate -- FOLDER'],
  ['two folders', ['a', 'b'], 'One folder of price files is needed.'],
  ['a missing folder', ['/nowhere'], 'There is no folder /nowhere.'],
  ['a corrupt file', [folder], `${corrupt}, line 2: not six numbers.`],
  ['an unknown option', [folder, '--quick'], "Unknown option '--quick'"],
])('%s is refused in one line, with nothing printed', (_, args, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  const lines = stderr.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('reading '))).toHaveLength(1);
  expect(lines.at(-1)).toContain(message);
});
