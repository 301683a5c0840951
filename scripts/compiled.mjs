// What the compiler says about the contracts without generating their code: syntax trees and storage layouts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import solc from 'solc';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** A node of a syntax tree. @typedef {{ nodeType: string, id: number, src: string } & Record<string, any>} Node */
/** @typedef {{ label: string, offset: number, slot: string, type: string }} Member */
/** @typedef {{ encoding: string, label: string, numberOfBytes: string, members?: Member[], key?: string, value?: string, base?: string }} Type */
/** @typedef {{ storage: Member[], types: Record<string, Type> | null }} StorageLayout */

/** Every Solidity file under a folder, relative to the root. @param {string} folder @returns {string[]} */
export function solidityUnder(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.sol'))
    .sort();
}

/** The text behind an import, by Foundry's remapping. @param {string} path */
function resolve(path) {
  try {
    const file = path.startsWith('@openzeppelin/') ? `node_modules/${path}` : path;
    return { contents: readFileSync(join(root, file), 'utf8') };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * What the compiler answers.
 * @param {Record<string, string>} texts Sources, by the name they import each other by.
 * @param {string[]} ofContracts What is asked of each contract, beside every syntax tree.
 */
function answer(texts, ofContracts) {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(texts).map(([name, content]) => [name, { content }])),
    settings: { evmVersion: 'prague', outputSelection: { '*': { '': ['ast'], '*': ofContracts } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: resolve }));
  const errors = (output.errors ?? []).filter((/** @type {any} */ error) => error.severity === 'error');
  return { output, errors };
}

/**
 * Compiles files of the repository beside extra sources.
 * @param {string[]} files Relative to the root.
 * @param {Record<string, string>} extra Sources by the name they import each other by.
 * @returns {{ sources: Record<string, { ast: Node }>, contracts: Record<string, Record<string, { storageLayout: StorageLayout }>> }}
 * @throws When something does not compile.
 */
export function compile(files, extra = {}) {
  const onDisk = Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const { output, errors } = answer({ ...onDisk, ...extra }, ['storageLayout']);
  if (errors.length > 0) throw new Error(errors.map((/** @type {any} */ e) => e.formattedMessage).join('\n'));
  return output;
}

/** The text of every source of a compilation. @param {{ sources: Record<string, unknown> }} output */
export const textsOf = (output) =>
  Object.fromEntries(Object.keys(output.sources).map((name) => [name, resolve(name).contents ?? '']));

/**
 * What the compiler refuses of sources, and where, in bytes.
 * @param {Record<string, string>} texts
 * @returns {{ message: string, sourceLocation?: { file: string, start: number, end: number } }[]}
 */
export const errorsOf = (texts) => answer(texts, []).errors;

/** Calls `visit` with each node under `node` and with its ancestors, outermost first. @param {Node} node
 * @param {(node: Node, above: Node[]) => void} visit @param {Node[]} above */
export function walk(node, visit, above = []) {
  visit(node, above);
  for (const [key, value] of Object.entries(node)) {
    if (key === 'documentation' || key === 'typeDescriptions') continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child === 'object' && typeof child.nodeType === 'string')
        walk(child, visit, [...above, node]);
    }
  }
}
