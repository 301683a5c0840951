// Runs what finds weaknesses in contracts/src by reading it: forge lint, solhint and Slither. Every finding stands in
// scripts/security/allowed.json with the reason why it may; one that does not, and a reason without a finding, fail. The
// table of docs/security.md is written from both.
//   npm run security [-- --allow-missing] [--json]    --allow-missing: a tool that cannot be had does not fail
//
// Needs the network once: Slither comes from PyPI, at the versions of scripts/security/requirements.txt, into a Python
// environment of its own under contracts/cache-security. It reads forge's own build and compiles nothing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, root, solidityUnder, walk } from './compiled.mjs';
import { foundryBinary } from './foundry.mjs';

/** @typedef {import('./compiled.mjs').Node} Node */
/** As a tool tells it. @typedef {{ tool: string, detector: string, file: string, line: number, text: string }} Raw */
/** With the function, contract or file it is in. @typedef {Raw & { where: string }} Finding */
/** `where`: functions, "Contract.*" for all of a contract, "*" for everywhere.
 * @typedef {{ tool: string, detector: string, where: string[], why: string }} Allowed */

const FOLDER = 'contracts/src';
const settings = join(root, 'scripts/security');
const cache = 'contracts/cache-security';

/** A tool that cannot be had here. */
class Missing extends Error {}

/** @type {Record<string, () => Raw[]>} */
const TOOLS = { 'forge lint': forgeLint, solhint, Slither: slither };

/**
 * What contains a line: the function, else the contract, else the file.
 * @param {string} file @param {string} source @param {Node} ast @returns {(line: number) => string}
 */
export function placesOf(file, source, ast) {
  const bytes = Buffer.from(source);
  const lineAt = (/** @type {number} */ offset) => bytes.subarray(0, offset).toString().split('\n').length;
  /** @type {{ first: number, last: number, name: string }[]} */
  const places = [];
  walk(ast, (node, above) => {
    const contract = above.find(({ nodeType }) => nodeType === 'ContractDefinition');
    const isFunction = node.nodeType === 'FunctionDefinition' || node.nodeType === 'ModifierDefinition';
    if (!isFunction && node.nodeType !== 'ContractDefinition') return;
    const [from = 0, length = 0] = node.src.split(':').map(Number);
    const name = contract ? `${contract.name}.${node.name || node.kind}` : node.name;
    places.push({ first: lineAt(from), last: lineAt(from + length), name });
  });
  // Functions come after their contract.
  return (line) =>
    places.findLast(({ first, last }) => line >= first && line <= last)?.name ?? `${file.split('/').at(-1)}`;
}

/** @param {string} pattern @param {string} where */
function covers(pattern, where) {
  return (
    pattern === '*' || pattern === where || (pattern.endsWith('.*') && where.split('.')[0] === pattern.slice(0, -2))
  );
}

/**
 * Holds findings against the list.
 * @param {Finding[]} findings @param {Allowed[]} allowed @param {string[]} ran Tools whose findings these are all of.
 * @returns {{ counts: number[], unexplained: Finding[], stale: string[] }} `counts`: findings of each entry.
 */
export function judge(findings, allowed, ran) {
  const counts = allowed.map(() => 0);
  const met = allowed.map(() => /** @type {Set<string>} */ (new Set()));
  const unexplained = findings.filter(({ tool, detector, where }) => {
    const at = allowed.findIndex(
      (entry) =>
        entry.tool === tool && entry.detector === detector && entry.where.some((pattern) => covers(pattern, where)),
    );
    if (at < 0) return true;
    counts[at] = (counts[at] ?? 0) + 1;
    for (const pattern of allowed[at]?.where ?? []) if (covers(pattern, where)) met[at]?.add(pattern);
    return false;
  });
  const stale = allowed.flatMap(({ tool, detector, where }, at) =>
    ran.includes(tool)
      ? where.filter((pattern) => !met[at]?.has(pattern)).map((pattern) => `${tool}: ${detector} in ${pattern}`)
      : [],
  );
  return { counts, unexplained, stale };
}

/** @param {Allowed[]} allowed @param {number[]} counts */
export function table(allowed, counts) {
  const rows = allowed.map(({ tool, detector, where, why }, at) => {
    const places = where.map((place) => (place === '*' ? 'everywhere' : `\`${place}\``)).join(', ');
    return `| ${tool} | \`${detector}\` | ${places} | ${counts[at]} | ${why} |`;
  });
  return ['| Tool | Detector | Where | How many | Why it stands |', '|---|---|---|---:|---|', ...rows].join('\n');
}

/** @param {string} command @param {string[]} args @param {Record<string, string>} env */
function run(command, args, env = {}) {
  return spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
}

/** @returns {string} */
function forge() {
  try {
    return foundryBinary('forge');
  } catch (error) {
    throw new Missing(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} text @returns {string} */
const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';

/** @returns {Raw[]} */
function forgeLint() {
  const { status, stderr } = run(forge(), ['lint', FOLDER, '--json']);
  if (status !== 0) throw new Error(`forge lint failed:\n${stderr}`);
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const { code, message, spans } = JSON.parse(line);
      const { file_name: file, line_start: start } = spans[0];
      return { tool: 'forge lint', detector: code.code, file, line: start, text: message };
    });
}

/** @returns {Raw[]} */
function solhint() {
  const program = join(root, 'node_modules/solhint/solhint.js');
  if (!existsSync(program)) throw new Missing('solhint is not installed: run "npm ci"');
  const args = ['--config', join(settings, 'solhint.json'), '--formatter', 'json', '--noPoster', '--disc'];
  // Findings make its exit code 1, so its answer counts.
  const { stdout, stderr } = run(process.execPath, [program, ...args, `${FOLDER}/**/*.sol`]);
  if (!stdout.startsWith('[')) throw new Error(`solhint failed:\n${stdout}${stderr}`);
  /** @type {any[]} */
  const answer = JSON.parse(stdout);
  return answer
    .filter(({ filePath }) => filePath)
    .map(({ ruleId, filePath, line, message }) => {
      // Without a rule it could not read the file.
      return { tool: 'solhint', detector: ruleId || 'unreadable', file: filePath, line, text: message };
    });
}

/** The environment that Slither runs in, made when it is missing or its versions have changed. @returns {string} Its programs' folder. */
function python() {
  const requirements = join(settings, 'requirements.txt');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const folder = join(root, cache, 'python');
  const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const stamp = join(folder, 'tidemark-requirements');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return programs;
  console.error('Installing Slither (once) …');
  rmSync(folder, { recursive: true, force: true });
  const made = run('python3', ['-m', 'venv', folder]);
  if (made.error) throw new Missing(`python3 cannot be run: ${made.error.message}`);
  if (made.status !== 0) throw new Missing(`python3 makes no environment: ${lastLine(made.stdout + made.stderr)}`);
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  const installed = run(join(programs, 'python'), args);
  if (installed.status !== 0) throw new Missing(`pip cannot install it: ${lastLine(installed.stderr)}`);
  writeFileSync(stamp, digest);
  return programs;
}

/** @returns {Raw[]} */
function slither() {
  const programs = python();
  const build = join(cache, 'build-info');
  const answer = join(root, cache, 'slither.json');
  for (const old of [build, join(cache, 'out')]) rmSync(join(root, old), { recursive: true, force: true });
  rmSync(answer, { force: true });
  console.error('Building for Slither …');
  const folders = ['--build-info-path', build, '--out', join(cache, 'out'), '--cache-path', join(cache, 'forge')];
  const built = run(forge(), ['build', FOLDER, '--force', '--build-info', ...folders]);
  if (built.status !== 0) throw new Error(`The contracts could not be built:\n${built.stdout}${built.stderr}`);
  console.error('Running Slither …');
  const args = [
    '.',
    '--ignore-compile',
    '--foundry-build-info-directory',
    build,
    '--exclude-dependencies',
    '--json',
    answer,
  ];
  // It asks forge for the project's settings.
  const path = `${dirname(forge())}${delimiter}${process.env.PATH}`;
  const { stdout, stderr } = run(join(programs, 'slither'), args, { PATH: path });
  // Findings make its exit code another than 0.
  const found = existsSync(answer) ? JSON.parse(readFileSync(answer, 'utf8')) : { success: false };
  if (!found.success) throw new Error(`Slither failed:\n${stdout}${stderr}`);
  /** @type {any[]} */
  const detectors = found.results.detectors ?? [];
  return detectors.map(({ check, description, elements }) => {
    const { filename_relative: file, lines } = elements[0].source_mapping;
    return { tool: 'Slither', detector: check, file, line: lines[0], text: description.trim().split('\n')[0] };
  });
}

/** @param {Raw[]} raw @returns {Finding[]} */
function placed(raw) {
  const files = solidityUnder(FOLDER);
  const { sources } = compile(files);
  const places = new Map(
    files.map((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      return [file, placesOf(file, source, /** @type {Node} */ (sources[file]?.ast))];
    }),
  );
  return raw.map((one) => ({ ...one, where: places.get(one.file)?.(one.line) ?? one.file }));
}

function main() {
  const json = process.argv.includes('--json');
  mkdirSync(join(root, cache), { recursive: true });
  /** @type {Allowed[]} */
  const allowed = JSON.parse(readFileSync(join(settings, 'allowed.json'), 'utf8'));
  /** @type {Raw[]} */
  const raw = [];
  /** @type {Record<string, string>} */
  const notRun = {};
  for (const [tool, find] of Object.entries(TOOLS)) {
    try {
      raw.push(...find());
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      notRun[tool] = error.message;
    }
  }
  const ran = Object.keys(TOOLS).filter((tool) => !notRun[tool]);
  const findings = placed(raw);
  const { counts, unexplained, stale } = judge(findings, allowed, ran);

  const say = json ? console.error : console.log;
  for (const [tool, why] of Object.entries(notRun)) say(`${tool} not run: ${why}`);
  const of = (/** @type {Finding[]} */ some, /** @type {string} */ tool) =>
    some.filter((one) => one.tool === tool).length;
  for (const tool of ran)
    say(`${tool}: ${of(findings, tool)} findings, ${of(unexplained, tool)} of them without a reason`);
  for (const { tool, detector, file, line, where, text } of unexplained)
    say(`${file}:${line} ${tool} ${detector} in ${where} has no reason to stand: ${text}`);
  for (const entry of stale) say(`allowed.json explains what is not found: ${entry}`);
  if (json) console.log(JSON.stringify({ ran, notRun, findings: findings.length, unexplained, stale }));
  if (unexplained.length === 0 && stale.length === 0 && ran.length === Object.keys(TOOLS).length)
    write(allowed, counts);
  const missing = Object.keys(notRun).length > 0 && !process.argv.includes('--allow-missing');
  process.exit(unexplained.length > 0 || stale.length > 0 || missing ? 1 : 0);
}

/** @param {Allowed[]} allowed @param {number[]} counts */
function write(allowed, counts) {
  const path = join(root, 'docs/security.md');
  const text = readFileSync(path, 'utf8');
  const [before] = text.split('<!-- static:start -->');
  const after = text.split('<!-- static:end -->')[1];
  writeFileSync(path, `${before}<!-- static:start -->\n${table(allowed, counts)}\n<!-- static:end -->${after}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
