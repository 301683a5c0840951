// Writes vectors/*.json: cases that Solidity and TypeScript both run. Deterministic.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { casesOf, FAMILIES } from './cases.ts';

const folder = fileURLToPath(new URL('../../../vectors', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const name of Object.keys(FAMILIES)) {
  const cases = casesOf(name);
  const text = (values: bigint[]) => values.map((value) => `"${value}"`).join(',');
  const [first] = cases;
  const flat = (key: 'inputs' | 'outputs') => cases.map((one) => `    ${text(one[key])}`).join(',\n');
  writeFileSync(
    `${folder}/${name}.json`,
    `{\n  "arity": [${first?.inputs.length ?? 0}, ${first?.outputs.length ?? 0}],\n  "inputs": [\n${flat('inputs')}\n  ],\n  "outputs": [\n${flat('outputs')}\n  ]\n}\n`,
  );
}
