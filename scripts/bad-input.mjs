// Writes docs/bad-input.md: which tests meet each bad input, by layer, from the tests' own names. Fails when a cell that
// must have a test has none.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const doc = join(root, 'docs/bad-input.md');

/** An input, and what the names of its tests look like in the contracts, the SDK, and the processes around them. */
/** @type {[string, RegExp | null, RegExp | null, RegExp | null][]} */
const inputs = [
  [
    'a wrong price',
    /Prices\..*(AStranger|OfAnother|FarFrom|IsZero|MerkleProof|NotTheSigned)/,
    /that is > (altered|of another feed|far|signed by others)/,
    null,
  ],
  ['a stale price', /Prices\..*(Stale|NotTheFirst|AfterItsWindow)/, /that is > stale|of another time/, null],
  ['a price from the future', /Prices\..*Future/, /that is > from the future/, null],
  ['an unsigned price', /Prices\..*(Unsigned|TooFew)/, /that is > unsigned/, null],
  ['a padded price', /Prices\..*(Pads|Trail|CutShort)/, /that is > padded|refuses a (padded update|feed)/, null],
  ['a replayed price', /Prices\..*(Replayed|OlderThan)/, /that is > replayed|a second time/, null],
  ['a zero or dust trade', /Orders\..*(SizeIsZero|Dust)/, /an order > (of nothing|.*dust)/, null],
  ['insufficient margin', /(Orders|Accounts)\..*Margin/, /(beyond|more than) the margin/, null],
  ['an unknown market', /Orders\..*(Unknown|NoFeed)/, /unknown market/, null],
  ["someone else's account", /Accounts\..*Stranger/, /someone else's account/, null],
  ['a fee-on-transfer token', /Tokens\..*Fee/, /takes a fee/, null],
  [
    'a lost RPC',
    null,
    /(the SDK without its RPC|a lost RPC) > (says|does|is told)/,
    /keeper without its RPC|lost RPC > .*command line/,
  ],
  ['a busy port', null, null, /\bport\b.*(in use|taken|busy|occupied)|(in use|taken|busy|occupied) port/],
  ['a corrupt history file', null, null, /corrupt history|damaged archive/],
];

const solidity = readdirSync(join(root, 'contracts/test/badinput'))
  .filter((file) => file.endsWith('.t.sol'))
  .flatMap((file) => {
    const text = readFileSync(join(root, 'contracts/test/badinput', file), 'utf8');
    return [...text.matchAll(/function (test\w+)\(/g)].map(([, name]) => `${file.replace('.t.sol', '')}.${name}`);
  });

/** Every TypeScript test outside of the page, as vitest collects it. @returns {{name: string, file: string}[]} */
function collect() {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-names-'));
  try {
    const list = join(folder, 'list.json');
    const args = ['list', `--json=${list}`, 'devnet', 'keeper', 'sdk/src'];
    const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/vitest'), args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(readFileSync(list, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const typescript = collect().map(({ name, file }) => ({ name, file: relative(root, file) }));
const process_ = /^(devnet\/src|devnet\/test\/(cli|keeper)|keeper)/;
const around = typescript.filter(({ name, file }) => process_.test(file) || name.startsWith('a keeper'));
const sdk = typescript.filter((test) => !around.includes(test));
const layers = [solidity, sdk.map(({ name }) => name), around.map(({ name }) => name)];

let missing = 0;
const rows = inputs.map(([input, ...patterns]) => {
  const cells = patterns.map((pattern, layer) => {
    if (pattern === null) return '';
    const names = (layers[layer] ?? []).filter((name) => pattern.test(name));
    if (names.length === 0) {
      console.error(`No test meets ${input} in the ${['contracts', 'SDK', 'processes'][layer]}.`);
      missing++;
    }
    return [...new Set(names)]
      .sort()
      .map((name) => name.replaceAll('|', '\\|'))
      .join('<br>');
  });
  return `| ${input} | ${cells.join(' | ')} |`;
});
if (missing > 0) process.exit(1);

writeFileSync(
  doc,
  `# Bad input

What meets the exchange wrongly, and the tests that show it refused by its own error, with nothing lost. Written from the
tests' names by \`npm run generate\`; an input without a test fails it. An empty cell: it does not arise there.

| Input | Contracts | SDK | Keeper, devnet, command line |
|---|---|---|---|
${rows.join('\n')}
`,
);
