import { getIntrospectionQuery, introspectionFromSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { fixture } from '../../../test/conformance/query/fixture.ts';
import { check, DEFAULT_LIMITS, type QueryLimits, querySchema } from './index.ts';

const said = (document: string, variables = {}, limits: QueryLimits = DEFAULT_LIMITS) =>
  check({ served: fixture, document, variables, limits }).map(({ message }) => message);

const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

describe('A request is refused with the limit and what it has', () => {
  test('for a document that is too long', () => {
    expect(said(`{ trades { id } } ${' '.repeat(20_000)}`)).toEqual([
      'The request has 20018 characters, of which 20000 are allowed.',
    ]);
  });

  test('for too many tokens', () => {
    expect(said(`{ ${'a '.repeat(2_000)} }`)[0]).toMatch(/more tha[nt] 2000 tokens/);
  });

  test('for too many levels', () => {
    const document = `{ trades(first: 1) ${'{ account { trades(first: 1) '.repeat(5)} { id } ${'} }'.repeat(5)} }`;
    expect(said(document)).toEqual(['The request has 11 levels of fields, of which 10 are allowed.']);
  });

  test('for too many fields at its root', () => {
    expect(said(`{ ${times(31, () => '_meta { deployment }')} }`)).toEqual([
      'The request has 31 fields at its root, of which 30 are allowed.',
    ]);
  });

  test('for too many aliases', () => {
    expect(said(`{ markets { ${times(51, (index) => `a${index}: id`)} } }`)).toEqual([
      'The request has 51 aliases, of which 50 are allowed.',
    ]);
  });

  test('for too many fields that fragments spread out to', () => {
    const doubling = times(20, (index) => `fragment F${index} on Market { ...F${index + 1} ...F${index + 1} }`);
    expect(said(`{ markets { ...F0 } } ${doubling} fragment F20 on Market { id }`)).toEqual([
      'The request has 501 fields, of which 500 are allowed.',
    ]);
  });

  test('for fragments that never end', () => {
    expect(said('{ markets { ...A } } fragment A on Market { ...A }')[0]).toMatch('501 fields');
  });

  test('for too many conditions, in variables too', () => {
    const or = Array.from({ length: 100 }, () => ({ size: '1' }));
    expect(said('query Q($where: Trade_filter) { trades(where: $where) { id } }', { where: { or } })).toEqual([
      'The request has 101 conditions, of which 100 are allowed.',
    ]);
  });

  test('for too many values in a condition', () => {
    const ids = Array.from({ length: 1_001 }, () => '0x01');
    expect(said('query Q($ids: [Bytes!]) { trades(where: { id_in: $ids }) { id } }', { ids })).toEqual([
      'The request has 1001 values in `id_in`, of which 1000 are allowed.',
    ]);
  });

  test('for more entities than could come back', () => {
    expect(said('{ accounts(first: 1000) { trades(first: 150) { id } } }')).toEqual([
      'The request has 151000 entities that could come back, by `first` of its fields, of which 150000 are allowed.',
    ]);
  });

  test('for introspection within introspection', () => {
    const lists = '{ fields { type { fields { type { fields { type { fields { name } } } } } } } }';
    expect(said(`{ __type(name: "Query") ${lists} }`)[0]).toMatch('Maximum introspection depth exceeded');
  });
});

test('What explorers ask to learn the schema is allowed', () => {
  expect(said(getIntrospectionQuery({ inputValueDeprecation: true }))).toEqual([]);
  expect(introspectionFromSchema(querySchema(fixture.schema)).__schema.queryType.name).toBe('Query');
});

test('Limits are of the request, not of the first that sent the same text', () => {
  const document = '{ markets { id name } }';
  expect(said(document)).toEqual([]);
  expect(said(document, {}, { ...DEFAULT_LIMITS, fields: 2 })[0]).toMatch('3 fields, of which 2');
});
