// Writes snapshots/layouts: where each upgradeable contract keeps what, its ERC-7201 namespaces and their structs included;
// and snapshots/upgrades, the same as OpenZeppelin's upgrades-core sees it. A layout that it refuses as a step from the one
// there is not written: whoever means it, because nothing of the kind is deployed, removes that one first.
//   npm run layouts [-- --check]    --check: one line per difference and exit 1, instead of writing
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeAbiParameters, keccak256, toBytes, toHex } from 'viem';
import { compile, root, solidityUnder, walk } from './compiled.mjs';
import { refusal, upgradeLayouts } from './upgrades.mjs';

const folder = join(root, 'snapshots/layouts');
/** The same as upgrades-core sees it: what the next step is judged from. */
const steps = join(root, 'snapshots/upgrades');
const widths = join(root, 'docs/widths.md');

/** @typedef {import('./compiled.mjs').Node} Node */
/** @typedef {{ slot: number, offset: number, bytes: number, type: string, label: string }} Field */
/** @typedef {{ slot: string, struct: string }} Namespace */
/** @typedef {{ contract: string, variables: Field[], namespaces: Record<string, Namespace>, structs: Record<string, Field[]> }} Layout */
/** A struct that begins a namespace. @typedef {{ namespace: string, contract: string, struct: string, file: string, constants: Record<string, string> }} Root */

/** The slot at which a namespace begins, as ERC-7201 says. @param {string} namespace */
export function slotOf(namespace) {
  const inner = BigInt(keccak256(toBytes(namespace))) - 1n;
  const outer = BigInt(keccak256(encodeAbiParameters([{ type: 'uint256' }], [inner])));
  return toHex(outer & ~0xffn, { size: 32 });
}

/**
 * The contracts to be laid out: those of ours that inherit a namespace, with all they inherit.
 * @param {Record<string, { ast: Node }>} sources
 */
export function upgradeable(sources) {
  /** @type {Map<number, Root[]>} */
  const roots = new Map();
  /** @type {{ file: string, node: Node }[]} */
  const contracts = [];
  for (const [file, { ast }] of Object.entries(sources)) {
    walk(ast, (node, above) => {
      if (node.nodeType === 'ContractDefinition' && file.startsWith('contracts/src/')) contracts.push({ file, node });
      const namespace = /@custom:storage-location erc7201:(\S+)/.exec(node.documentation?.text ?? '')?.[1];
      const contract = above.at(-1);
      if (node.nodeType !== 'StructDefinition' || !namespace || !contract) return;
      /** @type {Record<string, string>} */
      const constants = {};
      for (const { constant, name, value } of contract.nodes) {
        if (constant && value?.typeDescriptions && /^0x[0-9a-f]{64}$/i.test(value.value)) constants[name] = value.value;
      }
      const found = { namespace, contract: contract.name, struct: node.name, file, constants };
      roots.set(contract.id, [...(roots.get(contract.id) ?? []), found]);
    });
  }
  return contracts
    .filter(({ node: { abstract, contractKind } }) => !abstract && contractKind === 'contract')
    .map(({ file, node: { name, linearizedBaseContracts } }) => ({
      file,
      contract: String(name),
      roots: linearizedBaseContracts.flatMap((/** @type {number} */ id) => roots.get(id) ?? []),
    }))
    .filter((found) => found.roots.length > 0);
}

/** The names of the structs our own files declare. @param {Record<string, { ast: Node }>} sources @returns {Set<string>} */
function declared(sources) {
  const names = new Set();
  for (const [file, { ast }] of Object.entries(sources)) {
    if (!file.startsWith('contracts/src/')) continue;
    walk(ast, (node) => node.nodeType === 'StructDefinition' && names.add(node.canonicalName));
  }
  return names;
}

/** Layouts of every upgradeable contract, the structs that are ours, and what is wrong with the namespaces. */
function layouts() {
  const files = solidityUnder('contracts/src');
  const output = compile(files);
  const { sources } = output;
  const found = upgradeable(sources);
  const roots = [...new Map(found.flatMap((f) => f.roots).map((r) => [`${r.contract}.${r.struct}`, r])).values()];
  // The compiler lays out state variables only: one of each struct, in a source that exists nowhere else.
  const source = [
    ...new Set(roots.map((r) => `import {${r.contract}} from "${r.file}";`)),
    ...roots.map((r, i) => `abstract contract Namespace${i} { ${r.contract}.${r.struct} internal layout; }`),
  ].join('\n');
  const { contracts } = compile(files, { 'Namespaces.sol': source });
  const structsOf = roots.map((_, i) => structs(contracts['Namespaces.sol']?.[`Namespace${i}`]?.storageLayout));
  const wrong = roots.flatMap(misplaced);

  const result = found.map((f) => {
    const file = Object.values(contracts).find((names) => names[f.contract])?.[f.contract]?.storageLayout;
    /** @type {Layout} */
    const layout = {
      contract: f.contract,
      variables: fields(file?.storage ?? [], file?.types ?? {}),
      namespaces: {},
      structs: {},
    };
    for (const { namespace, contract, struct } of f.roots.sort((a, b) => (a.namespace < b.namespace ? -1 : 1))) {
      if (layout.namespaces[namespace]) wrong.push(`${f.contract}: two structs claim ${namespace}`);
      layout.namespaces[namespace] = { slot: slotOf(namespace), struct: `${contract}.${struct}` };
      const at = roots.findIndex((r) => r.contract === contract && r.struct === struct);
      Object.assign(layout.structs, structsOf[at]);
    }
    layout.structs = Object.fromEntries(Object.entries(layout.structs).sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const { label } of layout.variables) wrong.push(`${f.contract}: ${label} stands outside of every namespace`);
    return layout;
  });
  return {
    all: result,
    upgrades: upgradeLayouts(output, found),
    ours: declared(sources),
    wrong: [...wrong, ...apart(result)],
  };
}

/** A namespace of ours whose contract has no constant for its slot. @param {Root} found @returns {string[]} */
function misplaced({ namespace, contract, file, constants }) {
  if (!file.startsWith('contracts/src/') || Object.values(constants).includes(slotOf(namespace))) return [];
  return [`${contract}: no constant is the slot of ${namespace}, ${slotOf(namespace)}`];
}

/** The engine and its extension run on one storage: a namespace that both have is the same struct, and the engine's own is
 * one of them. @param {Layout[]} all @returns {string[]} */
function apart(all) {
  const [engine, extension] = ['DerivativesEngine', 'EngineExtension'].map((n) => all.find((l) => l.contract === n));
  if (!engine || !extension) return ['DerivativesEngine or EngineExtension has no namespace'];
  const shared = Object.entries(engine.namespaces).filter(([namespace]) => extension.namespaces[namespace]);
  const own = shared.some(([namespace]) => namespace.startsWith('tidemark.'));
  return [
    ...(own ? [] : ['DerivativesEngine and EngineExtension share no namespace of ours']),
    ...shared
      .filter(([namespace, { struct }]) => extension.namespaces[namespace]?.struct !== struct)
      .map(([namespace]) => `DerivativesEngine and EngineExtension differ in ${namespace}`),
  ];
}

/** @param {import('./compiled.mjs').Member[]} members @param {Record<string, import('./compiled.mjs').Type>} types @returns {Field[]} */
function fields(members, types) {
  return members.map(({ slot, offset, type, label }) => ({
    slot: Number(slot),
    offset,
    bytes: Number(types[type]?.numberOfBytes),
    type: String(types[type]?.label),
    label,
  }));
}

/** Every struct of a layout by its name. @param {import('./compiled.mjs').StorageLayout | undefined} layout */
function structs(layout) {
  const types = layout?.types ?? {};
  const named = Object.values(types).flatMap(({ label, members }) =>
    members ? [/** @type {const} */ ([label.replace('struct ', ''), fields(members, types)])] : [],
  );
  return Object.fromEntries(named);
}

/** One line per field. @param {Layout} layout */
const text = (layout) =>
  `${JSON.stringify(layout, null, 2).replace(/\{\s+("slot": \d[^{}]*?)\s+\}/g, (_, inner) => `{ ${inner.replace(/\s+/g, ' ')} }`)}\n`;

/** @param {Layout} layout @returns {Map<string, string>} */
function places({ contract, variables, namespaces, structs: named }) {
  const at = (/** @type {Field} */ f) => `slot ${f.slot} offset ${f.offset} ${f.type} (${f.bytes} bytes)`;
  return new Map([
    ...Object.entries(namespaces).map(
      ([n, { slot, struct }]) => /** @type {const} */ ([`${contract} ${n}`, `${struct} at ${slot}`]),
    ),
    ...variables.map((f) => /** @type {const} */ ([`${contract} ${f.label}`, at(f)])),
    ...Object.entries(named).flatMap(([struct, list]) =>
      list.map((f) => /** @type {const} */ ([`${contract} ${struct}.${f.label}`, at(f)])),
    ),
  ]);
}

/**
 * One line per difference between a checked-in layout and the present one.
 * @param {Layout | undefined} before @param {Layout | undefined} after @returns {string[]}
 */
export function differences(before, after) {
  const [was, is] = [before, after].map((layout) => (layout ? places(layout) : new Map()));
  return [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])]
    .filter((key) => was?.get(key) !== is?.get(key))
    .map((key) => `${key}: ${was?.get(key) ?? 'was not there'} → ${is?.get(key) ?? 'is gone'}`);
}

/**
 * The packed fields of our structs that docs/widths.md, under a heading with the struct's name, has no row for or gives
 * another type.
 * @param {Pick<Layout, 'structs'>[]} all @param {Set<string>} ours @param {string} doc @returns {string[]}
 */
export function undocumented(all, ours, doc) {
  /** @type {Map<string, string>} */
  const rows = new Map();
  for (const section of doc.split(/^#+ /m).slice(1)) {
    const struct = /`([\w.]+)`/.exec(section.split('\n')[0] ?? '')?.[1];
    for (const [, field, type] of section.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm))
      rows.set(`${struct}.${field}`, `${type}`);
  }
  /** @type {Map<string, string>} */
  const packed = new Map();
  for (const { structs: named } of all) {
    for (const [struct, list] of Object.entries(named)) {
      if (!ours.has(struct)) continue;
      for (const { bytes, label, type } of list) if (bytes < 32) packed.set(`${struct}.${label}`, type);
    }
  }
  return [...packed]
    .filter(([field, type]) => rows.get(field) !== type)
    .map(([field, type]) => {
      const row = rows.get(field);
      return row
        ? `docs/widths.md: ${field} is ${type}, not ${row}`
        : `docs/widths.md has no row for ${field}, ${type}`;
    });
}

/** The tests that docs/widths.md names and no file has. @param {string} doc @param {string} tests @returns {string[]} */
export function unmet(doc, tests) {
  const names = new Set([...doc.matchAll(/`(test\w*_\w+)`/g)].map(([, name]) => `${name}`));
  return [...names]
    .filter((name) => !tests.includes(`function ${name}(`))
    .map((name) => `docs/widths.md: no test ${name}`);
}

/** What upgrades-core refuses; or, to be checked, is not written. @param {ReturnType<typeof upgradeLayouts>} present
 * @param {boolean} check @returns {string[]} */
function judged(present, check) {
  mkdirSync(steps, { recursive: true });
  const written = readdirSync(steps).map((name) => name.replace('.json', ''));
  const gone = written.filter((name) => !present[name]).map((name) => `snapshots/upgrades: ${name} is gone`);
  return Object.entries(present).reduce((wrong, [name, layout]) => {
    const path = join(steps, `${name}.json`);
    const now = `${JSON.stringify(layout, null, 1)}\n`;
    const before = written.includes(name) ? readFileSync(path, 'utf8') : '';
    const refused = before && refusal(JSON.parse(before), layout);
    if (refused) wrong.push(`${name}: ${refused}`);
    else if (!check) writeFileSync(path, now);
    else if (before !== now) wrong.push(`${name}: run "npm run layouts" and commit snapshots/upgrades`);
    return wrong;
  }, gone);
}

function main() {
  const { all, upgrades, ours, wrong } = layouts();
  const names = new Set(all.map(({ contract }) => `${contract}.json`));
  mkdirSync(folder, { recursive: true });
  const present = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const doc = readFileSync(widths, 'utf8');
  const tests = solidityUnder('contracts/test/widths').map((file) => readFileSync(join(root, file), 'utf8'));
  wrong.push(...undocumented(all, ours, doc), ...unmet(doc, tests.join('\n')));
  if (process.argv.includes('--check')) {
    const read = (/** @type {string} */ name) =>
      present.includes(name) ? JSON.parse(readFileSync(join(folder, name), 'utf8')) : undefined;
    for (const name of new Set([...present, ...names])) {
      wrong.push(
        ...differences(
          read(name),
          all.find(({ contract }) => `${contract}.json` === name),
        ),
      );
    }
  } else {
    for (const name of present) if (!names.has(name)) rmSync(join(folder, name));
    for (const layout of all) writeFileSync(join(folder, `${layout.contract}.json`), text(layout));
  }
  wrong.push(...judged(upgrades, process.argv.includes('--check')));
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exit(1);
  console.log(`${all.length} layouts: ${all.map(({ contract }) => contract).join(', ')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
