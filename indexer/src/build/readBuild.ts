import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { Abi, Hex } from 'viem';
import { parse } from 'yaml';
import { IndexerError } from '../errors.ts';
import type { Entity, Value } from '../values.ts';
import { CONTEXT_KINDS, contextValue } from '../wasm/contexts.ts';
import { readBlockHandler, readEventHandler } from './handlers.ts';
import type { Build, Code, DataSource, FileTemplate, Template } from './manifest.ts';
import { ManifestNode } from './manifestNode.ts';
import { readSchema } from './schema.ts';

const SPEC_VERSIONS = ['1.0.0', '1.1.0', '1.2.0', '1.3.0'];
const API_VERSION = '0.0.9';

/**
 * Reads the folder that `graph build` writes.
 * @throws {IndexerError} when it is incomplete, or asks for what this runtime does not do.
 */
export function readBuild(folder: string): Build {
  const files = new Files(folder);
  const manifest = new ManifestNode(parsed('subgraph.yaml', files.text('subgraph.yaml'), parse));
  manifest.child('specVersion').oneOf(SPEC_VERSIONS);
  manifest.refuse('features', 'graft');
  const schema = readSchema(files.text(manifest.child('schema').child('file').text()));
  const dataSources = manifest
    .child('dataSources')
    .list()
    .map((node) => readDataSource(node, files));
  const templates = manifest
    .child('templates')
    .list()
    .map((node) => readTemplate(node, files));
  return { id: files.id(), schema, dataSources, templates: new Map(templates.map((one) => [one.name, one])) };
}

function readDataSource(node: ManifestNode, files: Files): DataSource {
  const source = node.child('source');
  const endBlock = source.child('endBlock').optional();
  const context = node.child('context').optional();
  const address = source
    .child('address')
    .optional()
    ?.matching(/^0x[\da-f]{40}$/i, 'an address');
  return {
    ...readOnChain(node, files),
    address: address ? (address.toLowerCase() as Hex) : null,
    startBlock: source.child('startBlock').optional()?.whole() ?? 0n,
    endBlock: endBlock ? endBlock.whole() : null,
    context: context ? readContextOf(context) : null,
  };
}

function readTemplate(node: ManifestNode, files: Files): Template {
  if (node.child('kind').oneOf(['ethereum', 'file/ipfs']) === 'ethereum') return readOnChain(node, files);
  const mapping = node.child('mapping');
  const file: FileTemplate = {
    kind: 'file/ipfs',
    name: node.child('name').text(),
    network: node.child('network').optional()?.text() ?? '',
    code: readCode(mapping, files, true),
    handler: mapping.child('handler').text(),
  };
  return file;
}

function readOnChain(node: ManifestNode, files: Files) {
  const kind = node.child('kind').oneOf(['ethereum'] as const);
  const mapping = node.child('mapping');
  mapping.refuse('callHandlers');
  const code = readCode(mapping, files, false);
  const abiName = node.child('source').child('abi');
  const abi = code.abis.get(abiName.text());
  if (!abi) throw abiName.wrong('names no ABI of the mapping');
  return {
    kind,
    name: node.child('name').text(),
    network: node.child('network').text(),
    code,
    eventHandlers: mapping
      .child('eventHandlers')
      .list()
      .map((one) => readEventHandler(one, abi)),
    blockHandlers: mapping.child('blockHandlers').list().map(readBlockHandler),
  };
}

/** @param restricted A file's handlers touch only the entities on their list, those of the chain all. */
function readCode(mapping: ManifestNode, files: Files, restricted: boolean): Code {
  mapping.child('apiVersion').oneOf([API_VERSION]);
  mapping.child('language').oneOf(['wasm/assemblyscript']);
  const file = mapping.child('file').text();
  const entities = mapping
    .child('entities')
    .list()
    .map((one) => one.text());
  const abis = mapping
    .child('abis')
    .list()
    .map((one) => {
      const path = one.child('file').text();
      return [one.child('name').text(), parsed(path, files.text(path), JSON.parse) as Abi] as const;
    });
  return { file, wasm: files.bytes(file), abis: new Map(abis), entities: restricted ? entities : null };
}

/** As of {@link contextValue}: `name: { type: String, data: … }`. */
function readContextOf(context: ManifestNode): Entity {
  return Object.fromEntries(context.names().map((name) => [name, readContextValue(context.child(name))]));
}

function readContextValue(node: ManifestNode): Value {
  const type = node.child('type').text();
  const kind = type === 'Bool' ? 'Boolean' : type;
  if (!CONTEXT_KINDS.includes(kind)) throw node.child('type').wrong(`is none of ${CONTEXT_KINDS.join(', ')}`);
  const data = node.child('data');
  return contextValue(kind, kind === 'List' ? data.list().map(readContextValue) : data.text());
}

/** The files of a build; each is read once. */
class Files {
  readonly #folder: string;
  readonly #read = new Map<string, Uint8Array>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  bytes(path: string): Uint8Array {
    const name = normalize(path);
    const known = this.#read.get(name);
    if (known) return known;
    try {
      const bytes = new Uint8Array(readFileSync(join(this.#folder, name)));
      this.#read.set(name, bytes);
      return bytes;
    } catch (error) {
      const what = `The subgraph's build has no readable file ${join(this.#folder, name)}.`;
      throw new IndexerError(what, 'Build the subgraph: npm run build -w subgraph.', error);
    }
  }

  text(path: string): string {
    return Buffer.from(this.bytes(path)).toString();
  }

  /** Hash of all that was read, in the order of the files' names. */
  id(): Hex {
    const hash = createHash('sha256');
    for (const [name, bytes] of [...this.#read].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${name}\0${bytes.length}\0`).update(bytes);
    }
    return `0x${hash.digest('hex')}`;
  }
}

function parsed(path: string, text: string, parser: (text: string) => unknown): unknown {
  try {
    return parser(text);
  } catch (error) {
    const what = `The subgraph's file ${path} cannot be read: ${(error as Error).message}`;
    throw new IndexerError(what, 'Build the subgraph again.', error);
  }
}
