import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DevnetError } from './errors.ts';
import { type Kept, StateFolder } from './stateFolder.ts';

const emptyFolder = () => mkdtempSync(join(tmpdir(), 'tidemark-state-'));
const kept = {
  origin: { source: 'model', seed: 1 },
  deployment: { governance: {} },
  doubles: {},
  uptimeProxy: '0x',
} as unknown as Kept;
const refusal = (open: Promise<unknown>) =>
  open.then(
    () => expect.fail('it was permitted'),
    (error) => error,
  );

/** A process that lives until it is told to end. */
function living() {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const end = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { pid: child.pid as number, end };
}

test('what is written is read again, once there is a chain', async () => {
  const path = join(emptyFolder(), 'new', 'folder');
  const folder = await StateFolder.open(path);
  expect(folder.read()).toBeUndefined();
  folder.write(kept);
  expect(folder.read()).toBeUndefined();
  writeFileSync(folder.chainFile, '{}');
  expect(folder.read()).toEqual(kept);
  expect(readdirSync(path).sort()).toEqual(['chain.json', 'devnet.json']);
});

test('clearing takes nothing that is not its own', async () => {
  const path = emptyFolder();
  const folder = await StateFolder.open(path);
  folder.write(kept);
  mkdirSync(folder.metadataFolder);
  const own = ['chain.json', 'chain.json.next', join('metadata', 'block.data')];
  for (const name of [...own, 'diary.txt']) writeFileSync(join(path, name), name);
  folder.clear();
  expect(readdirSync(path)).toEqual(['diary.txt']);
});

test.each([
  ['{"origin":', 'is damaged'],
  ['{"doubles":{},"deployment":{},"uptimeProxy":"0x"}', 'is no state of this version'],
  ['{"origin":{},"doubles":{},"deployment":{"governance":{}}}', 'is no state of this version'],
  ['{"origin":{},"doubles":{},"deployment":{},"uptimeProxy":"0x"}', 'is no state of this version'],
])('a state that cannot be is refused and left alone: %s', async (content, message) => {
  const path = emptyFolder();
  writeFileSync(join(path, 'chain.json'), '{}');
  writeFileSync(join(path, 'devnet.json'), content);
  const folder = await StateFolder.open(path);
  expect(() => folder.read()).toThrow(DevnetError);
  expect(() => folder.read()).toThrow(message);
  expect(readFileSync(join(path, 'devnet.json'), 'utf8')).toBe(content);
});

test('a folder in use by a living devnet is refused', async () => {
  const path = emptyFolder();
  const chain = living();
  const first = await StateFolder.open(path);
  first.lock(chain.pid);
  const error = await refusal(StateFolder.open(path));
  expect(error).toBeInstanceOf(DevnetError);
  expect(error.shortMessage).toBe(`The state in ${path} is in use by process ${process.pid}.`);
  first.unlock();
  await StateFolder.open(path);
  await chain.end();
});

test('the chain of a devnet that was killed is waited for', async () => {
  const path = emptyFolder();
  const [devnet, chain] = [living(), living()];
  writeFileSync(join(path, 'lock.json'), JSON.stringify({ devnet: devnet.pid, chain: chain.pid }));
  await devnet.end();
  let opened = false;
  const opening = StateFolder.open(path).then(() => {
    opened = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(opened).toBe(false);
  await chain.end();
  await opening;
});

test('a lock of processes that are gone, or cut short, holds nothing', async () => {
  const path = emptyFolder();
  const gone = living();
  await gone.end();
  writeFileSync(join(path, 'lock.json'), JSON.stringify({ devnet: process.pid, chain: gone.pid }));
  await StateFolder.open(path);
  writeFileSync(join(path, 'lock.json'), '{"devnet":');
  await StateFolder.open(path);
});

test('a file is no folder', async () => {
  const path = join(emptyFolder(), 'file');
  writeFileSync(path, 'mine');
  const error = await refusal(StateFolder.open(path));
  expect(error).toBeInstanceOf(DevnetError);
  expect(error.shortMessage).toContain('cannot be a folder');
  expect(readFileSync(path, 'utf8')).toBe('mine');
});
