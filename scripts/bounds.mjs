// Fails where an `unchecked` block or a narrowing conversion of contracts/src stands without its bound in a comment.
//   npm run bounds [-- PATH …]    only the files whose path contains one of PATH
//
// A conversion to an integer type narrows when its argument's type has more bits; constants do not count. Its bound may stand
//  - on the lines of the statement, or in the comment directly above the statement or an enclosing block: any that names a
//    limit (≤, <, ≥, >, 2^n, "fits", "at most", "bits", "modulo", …);
//  - in the docstring of the function: a sentence that begins with "Unchecked" or "Narrowing" or "Bound";
//  - in the docstring of the contract or library: the same, "Unchecked" for blocks, "Narrowing" for conversions.
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

/** Whether a node converts an integer that is no constant to a narrower type. @param {Node} node */
function narrows(node) {
  if (node.nodeType !== 'FunctionCall' || node.kind !== 'typeConversion') return false;
  const [argument] = node.arguments;
  const [to, from] = [bitsOf(node.typeDescriptions.typeString), bitsOf(argument.typeDescriptions.typeString)];
  return to !== undefined && from !== undefined && to < from && !argument.isPure;
}

/** The comment that ends on the line above `line`, and the comment on it. @param {string[]} lines @param {number} line */
function commentsAt(lines, line) {
  const found = [lines[line]?.split('//').slice(1).join('//') ?? ''];
  for (let above = line - 1; /^\s*\/\//.test(lines[above] ?? ''); above--) found.push(lines[above] ?? '');
  return found;
}

/**
 * Every block and conversion of one file that has no bound.
 * @param {string} source @param {Node} ast
 * @returns {Finding[]}
 */
export function unbounded(source, ast) {
  // The compiler counts bytes.
  const bytes = Buffer.from(source);
  const lines = source.split('\n');
  const lineOf = (/** @type {number} */ offset) => bytes.subarray(0, offset).toString().split('\n').length - 1;
  const span = (/** @type {Node} */ { src }) => {
    const [from = 0, length = 0] = src.split(':').map(Number);
    return [lineOf(from), lineOf(from + length)];
  };
  /** @type {Finding[]} */
  const findings = [];
  walk(ast, (node, above) => {
    const kind = node.nodeType === 'UncheckedBlock' ? 'Unchecked' : narrows(node) ? 'Narrowing' : undefined;
    if (!kind) return;
    const contract = above.find(({ nodeType }) => nodeType === 'ContractDefinition');
    const fn = above.find(({ nodeType }) => nodeType === 'FunctionDefinition');
    const heading = new RegExp(`\\b${kind}\\b`).test(contract?.documentation?.text ?? '');
    const docstring = new RegExp(`\\b(Bound|${kind})\\b`).test(fn?.documentation?.text ?? '');
    if (heading || docstring) return;

    const inside = above.slice(fn ? above.indexOf(fn) + 1 : 0);
    const comments = [node, ...inside].flatMap((part) => {
      const [first = 0, last = 0] = span(part);
      const block = /Block$/.test(part.nodeType);
      // A block's own comments: the one above it and the one above its first statement. A statement's: every line of it.
      const at = block
        ? [first, ...(part === node ? [first + 1, ...leading(lines, first + 1)] : [])]
        : range(first, last);
      return part.nodeType === 'Block' && inside.indexOf(part) === 0 ? [] : at.flatMap((l) => commentsAt(lines, l));
    });
    if (comments.some((comment) => LIMIT.test(comment.replace(/^\s*\/+/, '')))) return;
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

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

function main() {
  const wanted = process.argv.slice(2);
  const files = solidityUnder('contracts/src');
  const { sources } = compile(files);
  let missing = 0;
  for (const file of files) {
    const ast = sources[file]?.ast;
    if (!ast || (wanted.length > 0 && !wanted.some((part) => file.includes(part)))) continue;
    for (const { kind, line, text, where } of unbounded(readFileSync(join(root, file), 'utf8'), ast)) {
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
