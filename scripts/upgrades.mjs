// Storage layouts as OpenZeppelin's upgrades-core sees them, and what it says of the step from one to another.
import upgrades from '@openzeppelin/upgrades-core';
import query from '@openzeppelin/upgrades-core/dist/validate/query.js';
import solc from 'solc';
import { compile, textsOf } from './compiled.mjs';

/** @typedef {import('@openzeppelin/upgrades-core').StorageLayout} StorageLayout */
/** @typedef {ReturnType<typeof compile>} Compiled */

/**
 * The layout of each contract, its ERC-7201 namespaces included.
 * @param {Compiled} output Of a compilation, with syntax trees and storage layouts.
 * @param {{ file: string, contract: string }[]} contracts
 * @returns {Record<string, StorageLayout>} By the contract's name.
 */
export function upgradeLayouts(output, contracts) {
  const texts = textsOf(output);
  const input = {
    sources: Object.fromEntries(Object.entries(texts).map(([name, content]) => [name, { content }])),
  };
  const whole = /** @type {any} */ ({ ...output, contracts: withoutCode(output.contracts) });
  // The compiler lays out state variables only: upgrades-core adds one of each namespace's struct.
  const { sources } = upgrades.makeNamespacedInput(input, whole);
  const namespaced = compile([], Object.fromEntries(Object.entries(sources).map(([n, s]) => [n, s.content ?? ''])));
  const decode = upgrades.solcInputOutputDecoder(input, whole);
  const run = upgrades.validate(whole, decode, solc.version(), input, /** @type {any} */ (namespaced));
  return Object.fromEntries(
    contracts.map(({ file, contract }) => [
      contract,
      stable(contract, query.unfoldStorageLayout(run, `${file}:${contract}`)),
    ]),
  );
}

/** Code is not generated, and not looked at. @param {Compiled['contracts']} contracts */
function withoutCode(contracts) {
  const evm = { bytecode: { object: '', linkReferences: {} } };
  return Object.fromEntries(
    Object.entries(contracts).map(([file, names]) => [
      file,
      Object.fromEntries(Object.entries(names).map(([name, compiled]) => [name, { ...compiled, evm }])),
    ]),
  );
}

/**
 * The same after a change elsewhere in the sources: without the numbers of the syntax tree and without lines.
 * @param {string} contract @param {StorageLayout} layout @returns {StorageLayout}
 */
function stable(contract, layout) {
  const numbers = /(t_(?:struct|enum|contract|userDefinedValueType)\(\w+\))\d+/g;
  const plain = (/** @type {string} */ type) => type.replace(numbers, '$10');
  const names = Object.keys(layout.types);
  if (new Set(names.map(plain)).size < names.length) throw new Error(`${contract}: two types of one name`);
  const text = JSON.stringify(layout, (key, value) => (key === 'astId' || key === 'src' ? undefined : value));
  return JSON.parse(plain(text));
}

/**
 * Why a contract of one layout must not become one of another; empty when it may.
 * @param {StorageLayout} before @param {StorageLayout} after @returns {string}
 */
export function refusal(before, after) {
  const report = upgrades.getStorageUpgradeReport(before, after, upgrades.withValidationDefaults({}));
  return report.ok ? '' : report.explain(false);
}
