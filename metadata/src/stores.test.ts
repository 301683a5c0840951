import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_METADATA_BYTES, MetadataTooLargeError, metadataDigest } from '@tidemark/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { block, DIGEST, serve } from '../test/blocks.ts';
import { keyOf, startKuboDouble } from '../test/kuboDouble.ts';
import type { BlockStore } from './blockStore.ts';
import { StoreFailedError } from './errors.ts';
import { openStore } from './openStore.ts';

const bytes = block('Title');
const full = block('Full', MAX_METADATA_BYTES);
let warnings: string[];
let folder: string;
let kubo: Awaited<ReturnType<typeof startKuboDouble>>;
const warn = (line: string) => warnings.push(line);

beforeEach(async () => {
  warnings = [];
  folder = mkdtempSync(join(tmpdir(), 'tidemark-metadata-'));
  kubo = await startKuboDouble();
});
afterEach(async () => {
  await kubo.close();
  rmSync(folder, { recursive: true });
});

/** Files of a folder, whatever its own folders. */
const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
const onlyFile = () => {
  const [file = '', ...more] = files();
  expect(more).toEqual([]);
  return file;
};

describe.each([
  ['a folder', () => openStore({ folder }, warn)],
  ['kubo', () => openStore({ kubo: `${kubo.url}/` }, warn)],
])('a store by %s', (_what, open: () => Promise<BlockStore>) => {
  it('gives a block by its digest', async () => {
    const store = await open();
    expect(await store.put(bytes)).toBe(DIGEST);
    expect(await store.put(full)).toBe(metadataDigest(full));
    expect(Buffer.compare((await store.get(DIGEST)) ?? Buffer.of(), bytes)).toBe(0);
    expect(await store.get(metadataDigest(full))).toHaveLength(MAX_METADATA_BYTES);
    expect(warnings).toEqual([]);
  });

  it('has nothing of a digest that was not put', async () => {
    expect(await (await open()).get(DIGEST)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('takes no byte more than a block may have', async () => {
    const store = await open();
    await expect(store.put(new Uint8Array(MAX_METADATA_BYTES + 1))).rejects.toBeInstanceOf(MetadataTooLargeError);
    expect(await store.count()).toBe(0);
  });

  it('keeps what is put many times at once, once', async () => {
    const store = await open();
    const digests = await Promise.all(Array.from({ length: 20 }, () => store.put(bytes)));
    expect(new Set(digests)).toEqual(new Set([DIGEST]));
    expect(await store.count()).toBe(1);
    expect(await store.get(DIGEST)).toHaveLength(bytes.length);
  });

  it('finds after a restart what it kept before', async () => {
    await (await open()).put(bytes);
    const again = await open();
    expect(await again.get(DIGEST)).toHaveLength(bytes.length);
    expect(await again.count()).toBe(1);
  });
});

describe('a folder', () => {
  it.each<[string, (file: string) => void]>([
    ['changed', (file) => writeFileSync(file, block('Another'))],
    ['cut short', (file) => truncateSync(file, 10)],
    ['empty', (file) => truncateSync(file, 0)],
    ['too long', (file) => writeFileSync(file, new Uint8Array(2 * MAX_METADATA_BYTES))],
  ])('with a block that is %s has none, says so, and is repaired by putting it again', async (_what, damage) => {
    const store = await openStore({ folder }, warn);
    await store.put(bytes);
    damage(onlyFile());
    expect(await store.get(DIGEST)).toBeUndefined();
    expect(warnings).toEqual([`The block ${DIGEST} in ${folder} is damaged and counts as absent: put it again.`]);
    await store.put(bytes);
    expect(readFileSync(onlyFile())).toHaveLength(bytes.length);
    expect(await store.get(DIGEST)).toHaveLength(bytes.length);
  });

  it('does not count what a write that was interrupted has left', async () => {
    const store = await openStore({ folder }, warn);
    await store.put(bytes);
    writeFileSync(`${onlyFile()}.tmp`, 'half');
    expect(await store.count()).toBe(1);
  });

  it('is made when it is missing, and refused when it is none', async () => {
    await (await openStore({ folder: join(folder, 'a', 'b') }, warn)).put(bytes);
    const file = onlyFile();
    await expect(openStore({ folder: file }, warn)).rejects.toBeInstanceOf(StoreFailedError);
  });

  it('tells a block that cannot be read from one that is absent', async () => {
    const store = await openStore({ folder }, warn);
    await store.put(bytes);
    const file = onlyFile();
    rmSync(file);
    // A folder in its place cannot be read, whoever asks.
    await (await openStore({ folder: file }, warn)).count();
    await expect(store.get(DIGEST)).rejects.toBeInstanceOf(StoreFailedError);
  });
});

describe('kubo', () => {
  it('pins, by the CID that the chain names', async () => {
    await (await openStore({ kubo: kubo.url }, warn)).put(bytes);
    expect([...kubo.pins]).toEqual([keyOf(bytes)]);
  });

  it.each([
    ['a changed block', block('Another')],
    ['a block larger than metadata', new Uint8Array(MAX_METADATA_BYTES + 1)],
  ])('that gives %s has none, and a warning tells', async (_what, given) => {
    kubo.blocks.set(keyOf(bytes), given);
    const store = await openStore({ kubo: kubo.url }, warn);
    expect(await store.get(DIGEST)).toBeUndefined();
    expect(warnings).toEqual([
      `The block ${DIGEST} in kubo at ${kubo.url} is damaged and counts as absent: put it again.`,
    ]);
  });

  it.each<[string, Parameters<typeof serve>[0], string]>([
    ['keeps another CID', (_, response) => response.end('{"Key":"bafkreiother","Size":1}'), 'as bafkreiother'],
    ['keeps none', (_, response) => response.end('null'), 'does not speak the RPC of kubo'],
    ['is no kubo', (_, response) => response.end('<html>'), 'JSON'],
    [
      'forbids it',
      (_, response) => response.writeHead(403).end('403 -\nForbidden'),
      'it answered 403: 403 - Forbidden',
    ],
    ['redirects', (_, response) => response.writeHead(307, { location: kubo.url }).end(), 'redirect'],
    ['hangs up', (_, response) => response.destroy(), 'fetch failed'],
  ])('that %s is refused in one line', async (_what, listener, reason) => {
    const other = await serve(listener);
    const store = await openStore({ kubo: `${other.url}/s3cret` }, warn);
    const error = await store.put(bytes).catch((thrown) => thrown);
    await other.close();
    expect(error).toBeInstanceOf(StoreFailedError);
    expect(error.line).toContain(`kubo at ${other.url}, failed: `);
    expect(error.line).toContain(reason);
    expect(error.line).not.toMatch(/s3cret|\n/);
  });

  it('that fails is told from one that has no such block', async () => {
    const other = await serve((_, response) => response.writeHead(500).end('{"Message":"out of files"}'));
    const store = await openStore({ kubo: other.url }, warn);
    await expect(store.get(DIGEST)).rejects.toBeInstanceOf(StoreFailedError);
    await other.close();
  });
});
