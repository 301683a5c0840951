// Writes docs/access.md and contracts/test/access/generated/functions.json: every function of every deployed contract, who may call
// those that change state and after what delay, from the artifacts' ABIs and contracts/test/access/access.json. Fails on a
// function that list leaves out and on one it names that is gone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toFunctionSelector, toFunctionSignature } from 'viem';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'contracts/test/access');
const doc = join(root, 'docs/access.md');

/** What answers at each address. @type {Record<string, string[]>} */
const deployed = {
  Engine: ['DerivativesEngine', 'EngineExtension', 'Deleverager', 'OrderDesk'],
  LiquidityVault: ['LiquidityVault'],
  PriceOracle: ['PriceOracle'],
  RiskManager: ['RiskManager'],
  Governance: ['Governance'],
  GovernanceToken: ['GovernanceToken'],
  TimelockController: ['TimelockController'],
  ProposalPolicy: ['ProposalPolicy'],
  PostConditions: ['PostConditions'],
  ExchangeValidator: ['ExchangeValidator'],
  EmergencyGuardian: ['EmergencyGuardian'],
  RiskSteward: ['RiskSteward'],
  Treasury: ['Treasury'],
};

/** What the engine itself hands on to a later one: `Artifact.function`. */
const handedOn = new Set(['OrderDesk.commitSigned', 'Deleverager.withdraw', 'Deleverager.moveMargin']);

/** @typedef {{ who: string, delay: string, note?: string }} Entry */
/** @typedef {{ name: string, signature: string, selector: string, view: boolean }} Callable */

/** Who may, in words; every other key is a role. @type {Record<string, string>} */
const words = {
  anybody: 'anybody',
  owner: "the account's owner",
  self: "the role's holder",
  oracle: 'the oracle',
  timelock: 'the timelock',
  holder: "the mandate's holder",
  'holder or timelock': "the mandate's holder or the timelock",
  nobody: 'nobody',
};

/** The functions that answer at an address, by signature. @param {readonly any[]} abi @returns {Callable[]} */
export function functionsOf(abi) {
  /** @type {Map<string, Callable>} */
  const found = new Map();
  for (const item of abi) {
    if (item.type === 'fallback' || item.type === 'receive') {
      found.set(item.type, { name: item.type, signature: item.type, selector: '', view: false });
    } else if (item.type === 'function') {
      const view = item.stateMutability === 'view' || item.stateMutability === 'pure';
      const signature = toFunctionSignature(item);
      found.set(signature, { name: item.name, signature, selector: toFunctionSelector(item), view });
    }
  }
  return [...found.values()].sort((a, b) => (a.signature < b.signature ? -1 : 1));
}

/** What the list leaves out or names though it is gone. @param {string} contract @param {Callable[]} functions
 * @param {Record<string, Entry>} list @returns {string[]} */
export function mismatches(contract, functions, list) {
  const mutators = new Set(functions.filter(({ view }) => !view).map(({ name }) => name));
  return [
    ...[...mutators].filter((name) => !list[name]).map((name) => `${contract}.${name} is not in access.json`),
    ...Object.keys(list)
      .filter((name) => !mutators.has(name))
      .map((name) => `${contract}.${name} of access.json changes no state or is gone`),
    ...Object.entries(list)
      .filter(([, { who }]) => !words[who] && !/^[A-Z]+(_[A-Z]+)*_ROLE( or [A-Z]+(_[A-Z]+)*_ROLE)?$/.test(who))
      .map(([name, { who }]) => `${contract}.${name}: "${who}" is nobody`),
  ];
}

/** Functions that nobody reaches, because what is asked first answers to the same selector. @param {string} contract
 * @param {Callable[][]} parts In the order in which they are asked. @returns {string[]} */
export function hidden(contract, parts) {
  return parts.flatMap((part, i) =>
    part
      .filter(
        ({ selector }) =>
          selector &&
          parts
            .slice(0, i)
            .flat()
            .some((earlier) => earlier.selector === selector),
      )
      .map(({ signature }) => `${contract}.${signature} is hidden by a function of the same selector`),
  );
}

function main() {
  /** @type {Record<string, Record<string, Entry>>} */
  const access = JSON.parse(readFileSync(join(folder, 'access.json'), 'utf8'));
  /** @type {Record<string, { signatures: string[], who: string[] }>} */
  const functions = {};
  /** @type {string[]} */
  const wrong = Object.keys(access).flatMap((name) =>
    deployed[name] ? [] : [`${name} of access.json is not deployed`],
  );
  const sections = Object.entries(deployed).map(([contract, artifacts]) => {
    const abis = artifacts.map((name) => {
      /** @type {{ abi: any[] }} */
      const { abi } = JSON.parse(readFileSync(join(root, `contracts/out/${name}.sol/${name}.json`), 'utf8'));
      return abi.filter((item) => !handedOn.has(`${name}.${item.name}`));
    });
    const all = functionsOf(abis.flat());
    wrong.push(...hidden(contract, abis.map(functionsOf)));
    const list = access[contract] ?? {};
    wrong.push(...mismatches(contract, all, list));
    const named = all.filter(({ selector }) => selector !== '');
    functions[contract] = {
      signatures: named.map(({ signature }) => signature),
      who: named.map(({ name, view }) => (view ? 'view' : (list[name]?.who ?? ''))),
    };
    const rows = all
      .filter(({ view }) => !view)
      .map(({ name, signature, selector }) => {
        const { who, note, delay } = list[name] ?? { who: '', delay: '' };
        const may = `${words[who] ?? `\`${who}\``}${note ? ` (${note})` : ''}`;
        return `| \`${signature}\` | ${selector ? `\`${selector}\`` : ''} | ${may} | ${delay} |`;
      });
    const table = ['| Function | Selector | Who may call it | Delay |', '|---|---|---|---|', ...rows].join('\n');
    const from = artifacts.length > 1 ? ` (${artifacts.join(', ')}: one address)` : '';
    return `## ${contract}${from}\n\n${rows.length > 0 ? table : 'Nothing of it changes state.'}`;
  });
  if (wrong.length > 0) {
    console.error(wrong.join('\n'));
    process.exit(1);
  }
  writeFileSync(join(folder, 'generated/functions.json'), `${JSON.stringify(functions, null, 2)}\n`);
  const [before, rest = ''] = readFileSync(doc, 'utf8').split('<!-- access:start -->');
  const after = rest.split('<!-- access:end -->')[1] ?? '\n';
  writeFileSync(doc, `${before}<!-- access:start -->\n${sections.join('\n\n')}\n<!-- access:end -->${after}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
