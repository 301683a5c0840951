// Fails where an `unchecked` block or a narrowing conversion of contracts/src stands without its bound in a comment.
//   npm run bounds [-- PATH …]    only the files whose path contains one of PATH
//
// A conversion to an integer type narrows when its argument's type has more bits; constants do not count. Its bound may stand
//  - in a comment on the lines of the statement or directly above it, or at the head of its unchecked block, that names a
//    limit: ≤, <, ≥, >, 2^n, "fits", "at most", "bits", "modulo", …;
//  - in the docstring of the function, by the word "Bound", or "Unchecked" for blocks and "Narrowing" for conversions;
//  - in the docstring of the contract or library, by the word "Unchecked" for blocks, "Narrowing" for conversions.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, root, solidityUnder, walk } from './compiled.mjs';

/** @typedef {import('./compiled.mjs').Node} Node */
/** @typedef {{ kind: 'Unchecked' | 'Narrowing', line: number, text: string, where: string }} Finding */

const LIMIT =
  /[≤≥<>]|2\^|\b(fits?|at most|at least|below|above|never|cannot|bits?|bound|bounded|modulo|beyond|no more|no less)\b/i;

/** Bits of an integer type; undefined for any other. @param {string | undefined} type */
function bitsOf(type) {
  const match = /^u?int(\d+)$/.exec(type ?? '');
  return match ? Number(match[1]) : undefined;
}

/** The ids of the constants declared anywhere. @param {Iterable<Node>} trees @returns {Set<number>} */
export function constantsOf(trees) {
  const ids = new Set();
  for (const tree of trees) {
    walk(tree, (node) => node.nodeType === 'VariableDeclaration' && node.constant && ids.add(node.id));
  }
  return ids;
}

/** Whether a node converts an integer that is no constant to a narrower type. @param {Node} node @param {Set<number>} constants */
function narrows(node, constants) {
  if (node.nodeType !== 'FunctionCall' || node.kind !== 'typeConversion') return false;
  const [argument] = node.arguments;
  const [to, from] = [bitsOf(node.typeDescriptions.typeString), bitsOf(argument.typeDescriptions.typeString)];
  const constant = argument.isPure || constants.has(argument.referencedDeclaration);
  return to !== undefined && from !== undefined && to < from && !constant;
}

/** The comment that ends on the line above `line`, and the comment on it. @param {string[]} lines @param {number} line */
function commentsAt(lines, line) {
  const found = [lines[line] ?? ''];
  for (let above = line - 1; /^\s*\/\//.test(lines[above] ?? ''); above--) found.push(lines[above] ?? '');
  return found.map((text) => text.split('//').slice(1).join('//'));
}

/**
 * Every block and conversion of one file that has no bound.
 * @param {string} source @param {Node} ast @param {Set<number>} constants
 * @returns {Finding[]}
 */
export function unbounded(source, ast, constants) {
  // The compiler counts bytes.
  const bytes = Buffer.from(source);
  const lines = source.split('\n');
  const lineOf = (/** @type {number} */ offset) => bytes.subarray(0, offset).toString().split('\n').length - 1;
  const span = (/** @type {Node} */ { src }) => {
    const [from = 0, length = 0] = src.split(':').map(Number);
    return [lineOf(from), lineOf(from + length)];
  };
  // A block is spoken of above it and above its first statement, a statement on any of its lines and above it.
  const ofBlock = (/** @type {Node} */ block) => {
    const [first = 0] = span(block);
    return [first, ...leading(lines, first + 1)];
  };
  const ofStatement = (/** @type {Node} */ statement) => {
    const [first = 0, last = 0] = span(statement);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  };
  /** @type {Finding[]} */
  const findings = [];
  walk(ast, (node, above) => {
    const kind = node.nodeType === 'UncheckedBlock' ? 'Unchecked' : narrows(node, constants) ? 'Narrowing' : undefined;
    if (!kind) return;
    const contract = above.find(({ nodeType }) => nodeType === 'ContractDefinition');
    const fn = above.find(({ nodeType }) => nodeType === 'FunctionDefinition');
    if (new RegExp(`\\b${kind}\\b`).test(contract?.documentation?.text ?? '')) return;
    if (new RegExp(`\\b(Bound|${kind})\\b`).test(fn?.documentation?.text ?? '')) return;

    const path = [...above, node];
    const block = path.findLastIndex(({ nodeType }, i) => /Block$/.test(nodeType) && i < path.length - 1);
    const statement = kind === 'Narrowing' ? path[block + 1] : undefined;
    const at = [
      ...path.filter(({ nodeType }) => nodeType === 'UncheckedBlock').flatMap(ofBlock),
      ...(statement ? ofStatement(statement) : []),
    ];
    if (at.flatMap((line) => commentsAt(lines, line)).some((comment) => LIMIT.test(comment))) return;
    const [line = 0] = span(node);
    const name = fn ? fn.name || fn.kind : 'a constant';
    findings.push({ kind, line: line + 1, text: (lines[line] ?? '').trim(), where: `${contract?.name}.${name}` });
  });
  return findings;
}

/** The comment lines from `line` on. @param {string[]} lines @param {number} line */
function leading(lines, line) {
  const found = [];
  for (let at = line; /^\s*\/\//.test(lines[at] ?? ''); at++) found.push(at + 1);
  return found;
}

function main() {
  const wanted = process.argv.slice(2);
  const files = solidityUnder('contracts/src');
  const { sources } = compile(files);
  const constants = constantsOf(Object.values(sources).map(({ ast }) => ast));
  let missing = 0;
  for (const file of files) {
    const ast = sources[file]?.ast;
    if (!ast || (wanted.length > 0 && !wanted.some((part) => file.includes(part)))) continue;
    for (const { kind, line, text, where } of unbounded(readFileSync(join(root, file), 'utf8'), ast, constants)) {
      missing++;
      console.error(
        `${file}:${line} ${kind === 'Unchecked' ? 'unchecked' : 'narrowing'} without its bound in ${where}: ${text}`,
      );
    }
  }
  if (missing > 0) console.error(`${missing} without a bound`);
  else console.log('every unchecked block and every narrowing conversion has its bound');
  process.exit(missing > 0 ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
