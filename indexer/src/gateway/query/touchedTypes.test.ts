import { expect, test } from 'vitest';
import { fixture } from '../../../test/conformance/query/fixture.ts';
import { META, touchedTypes } from './touchedTypes.ts';

const touched = (document: string) => [...touchedTypes(fixture.schema, document)].sort();

test('Entities on every level are touched, in fragments too', () => {
  expect(touched('{ trades { ...A } } fragment A on Trade { market { id } ... on Trade { account { id } } }')).toEqual([
    'Account',
    'Market',
    'Trade',
  ]);
});

test('Entities of a filter are touched', () => {
  expect(touched('{ trades(where: { or: [{ market_: { price_gt: 1 } }] }) { id } }')).toEqual(['Market', 'Trade']);
});

test('Entities of an order are touched', () => {
  expect(touched('{ trades(orderBy: account__volume) { id } }')).toEqual(['Account', 'Trade']);
});

test('All that a filter or an order in a variable can ask for is touched', () => {
  expect(touched('query Q($where: Trade_filter) { trades(where: $where) { id } }')).toEqual([
    'Account',
    'Market',
    'Trade',
  ]);
  expect(touched('query Q($by: Listing_orderBy) { listings(orderBy: $by) { id } }')).toEqual(['Listing', 'Market']);
});

test('An aggregation is touched with what it sums up', () => {
  expect(touched('{ volumeStats(interval: hour) { total } }')).toEqual(['Volume', 'VolumeStat']);
});

test('A subscription is touched by what its query is, and _meta by every block', () => {
  expect(touched(`subscription { _meta { block { number } } trade(id: "0x01") { id } }`)).toEqual(['Trade', META]);
});

test('What is no GraphQL touches nothing', () => {
  expect(touched('{ trades {')).toEqual([]);
});
