import { postConditionsAbi } from '@tidemark/sdk';
import { type AbiFunction, type AbiParameter, toFunctionSelector } from 'viem';
import { SOURCES, typeOf } from './sources.ts';

const isDynamic = (parameter: AbiParameter): boolean =>
  /^(bytes|string)$|\[\]/.test(parameter.type) ||
  ('components' in parameter && parameter.components.some((component) => isDynamic(component)));

/** The functions that change something, by selector, as a module of the mappings. */
export function selectorsModule(): string {
  const abis = [...SOURCES.map(({ abi }) => abi), postConditionsAbi];
  const functions = abis.flatMap((abi) =>
    abi.filter((item): item is AbiFunction => item.type === 'function' && !/^(view|pure)$/.test(item.stateMutability)),
  );
  const bySelector = new Map(functions.map((item) => [toFunctionSelector(item), item]));
  const selectors = [...bySelector.keys()].sort();
  const all = selectors.map((selector) => bySelector.get(selector) as AbiFunction);
  const lines = (values: readonly unknown[]) => values.map((value) => `  ${JSON.stringify(value)},\n`).join('');
  return `// Written by scripts/selectors.ts: the functions of the exchange's contracts that change something.
export const SELECTORS: string[] = [
${lines(selectors)}];
export const SIGNATURES: string[] = [
${lines(all.map(({ name, inputs }) => `${name}(${inputs.map(typeOf)})`))}];
export const DYNAMIC: boolean[] = [
${lines(all.map(({ inputs }) => inputs.some(isDynamic)))}];
`;
}
