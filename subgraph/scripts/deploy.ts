import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { SubgraphError } from './errors.ts';

export interface DeployOptions {
  /** The graph-node's admin address. */
  readonly node: string;
  /** The address of an IPFS node's API, under which `/api/v0` is. */
  readonly ipfs: string;
  readonly name: string;
  /** As v1.0.0. */
  readonly version: string;
  /** A folder as `buildSubgraph` makes it. */
  readonly build: string;
  /** Whether the name is created; in the studio it has to be there. */
  readonly create: boolean;
  /** Where the node asks for one. */
  readonly key: string | undefined;
}

export interface Deployed {
  /** CID of the manifest. */
  readonly deployment: string;
  /** Where it can be asked, as the node says. */
  readonly urls: readonly string[];
}

/** The manifest's places that name a file. */
interface Files {
  schema: { file: unknown };
  dataSources: MappingFiles[];
  templates?: MappingFiles[];
}

interface MappingFiles {
  mapping: { file: unknown; abis: { file: unknown }[] };
}

/**
 * Uploads a build to IPFS, every file by itself and the manifest with their CIDs, and has a graph-node index it.
 * @throws {SubgraphError} When there is no build, somebody cannot be reached, or refuses. It never says the key.
 */
export async function deploySubgraph(options: DeployOptions): Promise<Deployed> {
  const { build, name, version } = options;
  const manifest: Files = parse((await readBuilt(build, 'subgraph.yaml')).toString());
  const known = new Map<string, Promise<string>>();
  const link = async (place: { file: unknown }) => {
    const path = String(place.file);
    const upload = known.get(path) ?? readBuilt(build, path).then((content) => add(options, path, content));
    known.set(path, upload);
    place.file = { '/': `/ipfs/${await upload}` };
  };
  await link(manifest.schema);
  for (const { mapping } of [...manifest.dataSources, ...(manifest.templates ?? [])]) {
    for (const abi of mapping.abis) await link(abi);
    await link(mapping);
  }
  const deployment = await add(options, 'subgraph.yaml', Buffer.from(stringify(manifest)));
  if (options.create) await admin(options, 'subgraph_create', { name }, /already exists/);
  const answer = await admin(options, 'subgraph_deploy', { name, ipfs_hash: deployment, version_label: version });
  return { deployment, urls: urlsOf(options.node, answer.result) };
}

async function readBuilt(build: string, path: string): Promise<Buffer> {
  try {
    return await readFile(join(build, path));
  } catch (error) {
    throw new SubgraphError(
      `${join(build, path)} is missing.`,
      'Build it first: npm run build -w subgraph -- --help.',
      error,
    );
  }
}

/** @returns The file's CID, as the node says; the node pins it. */
async function add({ ipfs, key }: DeployOptions, path: string, content: Buffer): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(content)]), path);
  const url = `${ipfs.replace(/\/$/, '')}/api/v0/add?pin=true`;
  const response = await ask(url, { method: 'POST', body: form, headers: authorization(key) }, 'The IPFS node');
  const text = await response.text();
  const hash = response.ok ? text.match(/"Hash"\s*:\s*"([A-Za-z0-9]+)"/)?.[1] : undefined;
  if (!hash) {
    throw new SubgraphError(
      `The IPFS node did not take ${path}: ${response.status}.`,
      'Check --ipfs: its API is asked.',
    );
  }
  return hash;
}

interface Answer {
  result?: unknown;
  error?: { message?: string };
}

/** @param permitted An error that is answered like a success. */
async function admin(options: DeployOptions, method: string, params: object, permitted?: RegExp): Promise<Answer> {
  const { node, key } = options;
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json', ...authorization(key) };
  const response = await ask(node, { method: 'POST', body, headers }, 'The graph-node');
  const answer: Answer | undefined = await response.json().catch(() => undefined);
  const refused = response.status === 401 || response.status === 403 || /auth/i.test(answer?.error?.message ?? '');
  if (refused) throw new SubgraphError('The graph-node refuses the key.', 'Check TIDEMARK_DEPLOY_KEY.');
  if (!response.ok || !answer) {
    throw new SubgraphError(`The graph-node answers ${response.status}.`, 'Check --node: its admin address is asked.');
  }
  const message = answer.error?.message ?? '';
  if (answer.error && !permitted?.test(message)) {
    throw new SubgraphError(`The graph-node refuses ${method}: ${message}.`, 'See what it says, and its log.');
  }
  return answer;
}

const authorization = (key: string | undefined): Record<string, string> =>
  key ? { authorization: `Bearer ${key}` } : {};

async function ask(url: string, request: RequestInit, who: string): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    throw new SubgraphError(
      `${who} at ${new URL(url).origin} cannot be reached.`,
      'Start it, or check its address.',
      error,
    );
  }
}

/** A node says of its own address no more than the port. */
function urlsOf(node: string, result: unknown): string[] {
  const { protocol, hostname } = new URL(node);
  return Object.values((result ?? {}) as Record<string, unknown>)
    .filter((url): url is string => typeof url === 'string')
    .map((url) => (url.startsWith(':') ? `${protocol}//${hostname}${url}` : url));
}
