import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AbiEvent } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readSchema } from '../../indexer/src/build/schema.ts';
import { compile } from '../scripts/index.ts';
import { handledEvents, handlerOf, SOURCES } from '../scripts/sources.ts';

let compiled: string;
beforeAll(async () => {
  compiled = await compile();
}, 600_000);

interface Mapping {
  file: string;
  entities: string[];
}
interface Manifest {
  specVersion: string;
  dataSources: { name: string; mapping: Mapping & { apiVersion: string } }[];
  templates: { name: string; mapping: Mapping & { handler: string } }[];
}

const manifest = (): Manifest => parse(readFileSync(join(compiled, 'subgraph.yaml'), 'utf8'));
const exportsOf = ({ file }: Mapping) =>
  WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(join(compiled, file)))).map(({ name }) => name);

describe.each(SOURCES.map((source) => ({ source, name: source.name })))('the mappings of $name', ({ source }) => {
  test('handle each event of its ABI, or it is listed as ignored', () => {
    const mapping = manifest().dataSources.find(({ name }) => name === source.name)?.mapping as Mapping;
    const handlers = handledEvents(source).map((event) => handlerOf(source, event));
    expect(exportsOf(mapping)).toEqual(expect.arrayContaining(handlers));
  });

  test('ignore no event that its ABI does not have', () => {
    const events = source.abi.filter((item): item is AbiEvent => item.type === 'event').map(({ name }) => name);
    expect(events).toEqual(expect.arrayContaining(Object.keys(source.ignored)));
    for (const reason of Object.values(source.ignored)) expect(reason.length).toBeGreaterThan(10);
  });
});

test('the manifest is of the versions that were agreed', () => {
  const { specVersion, dataSources } = manifest();
  expect(specVersion).toBe('1.3.0');
  expect(new Set(dataSources.map(({ mapping }) => mapping.apiVersion))).toEqual(new Set(['0.0.9']));
});

test('no entity is written both by the chain and by files', () => {
  const { dataSources, templates } = manifest();
  const onChain = new Set(dataSources.flatMap(({ mapping }) => mapping.entities));
  for (const { mapping } of templates) {
    expect(mapping.entities.filter((name) => onChain.has(name))).toEqual([]);
    expect(exportsOf(mapping)).toContain((mapping as Manifest['templates'][number]['mapping']).handler);
  }
});

test('every type and field of the schema is described, and every derived field refers back', () => {
  const { types } = readSchema(readFileSync(join(compiled, 'schema.graphql'), 'utf8'));
  const lacking: string[] = [];
  for (const { name, description, fields } of types.values()) {
    if (!description) lacking.push(name);
    for (const field of fields) {
      if (!field.description) lacking.push(`${name}.${field.name}`);
      const target = types.get(field.target ?? '');
      const refersBack = target?.fields.some((one) => one.name === field.derivedFrom);
      if (field.derivedFrom && !refersBack) lacking.push(`${name}.${field.name} of ${field.target}`);
    }
  }
  expect(lacking).toEqual([]);
});

test('every entity says whether it is immutable', () => {
  const source = readFileSync(join(compiled, 'schema.graphql'), 'utf8');
  const said = source.match(/@entity\((immutable: (true|false)|timeseries: true)\)/g) ?? [];
  expect(said.length).toBe(source.match(/@entity\b/g)?.length);
});
