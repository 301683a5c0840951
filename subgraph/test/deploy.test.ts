import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readDeployOptions } from '../scripts/config.ts';
import { type DeployOptions, deploySubgraph } from '../scripts/deploy.ts';
import { SubgraphError } from '../scripts/errors.ts';
import { AdminDouble, IpfsDouble } from './doubles.ts';

const KEY = 'a-secret-key';
const FILES = {
  'subgraph.yaml': `specVersion: 1.3.0
schema: { file: schema.graphql }
dataSources:
  - name: Engine
    mapping: { file: Engine/Engine.wasm, abis: [{ name: Engine, file: Engine/Engine.json }] }
  - name: Vault
    mapping: { file: Engine/Engine.wasm, abis: [{ name: Vault, file: Vault/Vault.json }] }
templates:
  - name: Metadata
    mapping: { file: Metadata/Metadata.wasm, abis: [{ name: Vault, file: Vault/Vault.json }] }
`,
  'schema.graphql': 'type Trade @entity(immutable: true) { id: Bytes! }',
  'Engine/Engine.wasm': '\0asm engine',
  'Engine/Engine.json': '[1]',
  'Vault/Vault.json': '[2]',
  'Metadata/Metadata.wasm': '\0asm metadata',
};

let build: string;
let ipfs: IpfsDouble;
let node: AdminDouble;
let options: DeployOptions;

beforeEach(async () => {
  build = await mkdtemp(join(tmpdir(), 'tidemark-deploy-'));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(build, path)), { recursive: true });
    await writeFile(join(build, path), text);
  }
  ipfs = new IpfsDouble();
  node = new AdminDouble(KEY);
  const [nodeUrl, ipfsUrl] = await Promise.all([node.start(), ipfs.start()]);
  options = { node: nodeUrl, ipfs: ipfsUrl, name: 'tidemark', version: 'v1.0.0', build, create: true, key: KEY };
});

afterEach(async () => {
  ipfs.end();
  node.end();
  await rm(build, { recursive: true, force: true });
});

interface Linked {
  file: { '/': string };
}

test('a deployment uploads every file once and names each by its hash', async () => {
  const { deployment, urls } = await deploySubgraph(options);
  const names = [...ipfs.files.values()].map(({ name }) => name);
  expect(names.sort()).toEqual(Object.keys(FILES).sort());
  expect([...ipfs.files.values()].every(({ pinned }) => pinned)).toBe(true);

  const manifest = parse(ipfs.files.get(deployment)?.content.toString() ?? '');
  const places: Linked[] = [manifest.schema];
  for (const { mapping } of [...manifest.dataSources, ...manifest.templates]) places.push(mapping, ...mapping.abis);
  expect(places).toHaveLength(7);
  for (const { file } of places) {
    const found = ipfs.files.get(file['/'].replace('/ipfs/', ''));
    expect(found?.content.equals(readFileSync(join(build, found.name)))).toBe(true);
  }
  expect(node.asked).toEqual([
    { method: 'subgraph_create', params: { name: 'tidemark' } },
    { method: 'subgraph_deploy', params: { name: 'tidemark', ipfs_hash: deployment, version_label: 'v1.0.0' } },
  ]);
  expect(urls).toContain('http://127.0.0.1:8000/subgraphs/name/tidemark');
});

test('a second version is deployed under the name that is there', async () => {
  await deploySubgraph(options);
  await deploySubgraph({ ...options, version: 'v1.0.1' });
  expect(node.asked.at(-1)?.params.version_label).toBe('v1.0.1');
});

test('a name that is not in the studio is refused with what the node says', async () => {
  const failed = deploySubgraph({ ...options, create: false });
  await expect(failed).rejects.toThrow(/refuses subgraph_deploy: subgraph not found/);
});

test('a refused key is told without saying it', async () => {
  const failed = deploySubgraph({ ...options, key: 'another-secret' });
  await expect(failed).rejects.toThrow(SubgraphError);
  await expect(failed).rejects.toThrow(/refuses the key/);
  await expect(failed).rejects.not.toThrow(/another-secret/);
});

test('a node that is not there is told by its address', async () => {
  node.end();
  await expect(deploySubgraph(options)).rejects.toThrow(/graph-node at http:\/\/127.0.0.1:\d+ cannot be reached/);
});

test('an IPFS node that is not there is told by its address', async () => {
  ipfs.end();
  await expect(deploySubgraph(options)).rejects.toThrow(/IPFS node at http:\/\/127.0.0.1:\d+ cannot be reached/);
  expect(node.asked).toEqual([]);
});

test('an address that is no IPFS API is refused before anything is deployed', async () => {
  const failed = deploySubgraph({ ...options, ipfs: `${options.ipfs}/elsewhere` });
  await expect(failed).rejects.toThrow(/did not take schema.graphql: 404/);
  expect(node.asked).toEqual([]);
});

test('a missing build says how to make one', async () => {
  const failed = deploySubgraph({ ...options, build: join(build, 'none') });
  await expect(failed).rejects.toThrow(/subgraph.yaml is missing[\s\S]*npm run build -w subgraph/);
});

test('a build that lacks a file is not deployed', async () => {
  await rm(join(build, 'Engine/Engine.wasm'));
  await expect(deploySubgraph(options)).rejects.toThrow(/Engine.wasm is missing/);
  expect(node.asked).toEqual([]);
});

const LOCAL = ['--node', 'http://127.0.0.1:8020', '--ipfs', 'http://127.0.0.1:5001', '--version', 'v1'];

test('the command line says what is missing or wrong', async () => {
  await expect(readDeployOptions(LOCAL.slice(2), {})).rejects.toThrow(/--node is missing/);
  await expect(readDeployOptions([...LOCAL, '--node', 'localhost'], {})).rejects.toThrow(/--node is no http address/);
  await expect(readDeployOptions([...LOCAL, '--nodes', 'x'], {})).rejects.toThrow(SubgraphError);
  await expect(readDeployOptions(['--studio', '--name', 'x', '--version', 'v1'], {})).rejects.toThrow(/asks for a key/);
});

test('a key comes from the environment or from a file', async () => {
  const file = join(build, 'key');
  await writeFile(file, `${KEY}\n`);
  expect((await readDeployOptions(LOCAL, { TIDEMARK_DEPLOY_KEY: KEY })).key).toBe(KEY);
  expect((await readDeployOptions(LOCAL, { TIDEMARK_DEPLOY_KEY_FILE: file })).key).toBe(KEY);
  await expect(readDeployOptions(LOCAL, { TIDEMARK_DEPLOY_KEY_FILE: `${file}s` })).rejects.toThrow(/cannot be read/);
});
