import { fixture } from './fixture.ts';

/** A request, and its answer over the fixture. */
export interface Case {
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The answer's `data`, when it has no errors. */
  readonly expected?: unknown;
  /** What its errors say, else. */
  readonly error?: RegExp;
  /** Whether it asks for what graph-node does not have. */
  readonly beyond?: true;
}

const ids = (...of: string[]) => of.map((id) => ({ id }));

/** The ids of the trades that a filter leaves. */
const trades = (name: string, where: string, ...of: string[]): Case => ({
  name,
  query: `{ trades(where: ${where}) { id } }`,
  expected: { trades: ids(...of) },
});

/** The ids of the markets that a filter leaves. */
const markets = (name: string, where: string, ...of: string[]): Case => ({
  name,
  query: `{ markets(where: ${where}) { id } }`,
  expected: { markets: ids(...of) },
});

/** The ids of the accounts that a filter leaves. */
const accounts = (name: string, where: string, ...of: string[]): Case => ({
  name,
  query: `{ accounts(where: ${where}) { id } }`,
  expected: { accounts: ids(...of) },
});

const refused = (name: string, query: string, error: RegExp): Case => ({ name, query, error });

const BIG = '123456789012345678901234567890';
const hash = (block: number) => fixture.blocks.find(({ number }) => number === BigInt(block))?.hash;

const single: readonly Case[] = [
  {
    name: 'An entity by its id has its values exactly',
    query:
      '{ account(id: "0x0a") { id volume label } market(id: "eth") { price skew open tags limits decimals closedAt } }',
    expected: {
      account: { id: '0x0a', volume: BIG, label: 'Alice' },
      market: {
        price: '3100.25',
        skew: '-5',
        open: true,
        tags: ['major', 'l1'],
        limits: ['1', '1000000000000000000000000'],
        decimals: 18,
        closedAt: null,
      },
    },
  },
  {
    name: 'Integers of 64 bits and times are text, integers of 32 bits are numbers',
    query:
      '{ market(id: "doge") { decimals closedAt } position(id: "0x0b01") { opened closed } trade(id: "0x04") { logIndex time } }',
    expected: {
      market: { decimals: 8, closedAt: '1700000000' },
      position: { opened: '1700004000000000', closed: '1700010030000000' },
      trade: { logIndex: 2, time: '1700006460' },
    },
  },
  {
    name: 'A decimal has no zeros at its end',
    query: '{ trade(id: "0x01") { price } }',
    expected: { trade: { price: '3000.5' } },
  },
  { name: 'An id that is not there is null', query: '{ account(id: "0xff") { id } }', expected: { account: null } },
  {
    name: 'An id of bytes is found in capitals and without 0x',
    query: '{ a: account(id: "0x0A") { id } b: account(id: "0a") { id } }',
    expected: { a: { id: '0x0a' }, b: { id: '0x0a' } },
  },
  refused(
    'An id of bytes that is not hexadecimal is refused',
    '{ account(id: "0xzz") { id } }',
    /Failed to decode `Bytes`/,
  ),
  { name: 'An entity that was removed is null', query: '{ market(id: "old") { id } }', expected: { market: null } },
  {
    name: 'An id of 64 bits is found',
    query: '{ volume(id: "3") { id amount market { id } } }',
    expected: { volume: { id: '3', amount: '5.25', market: { id: 'eth' } } },
  },
  refused('An id is required', '{ market { id } }', /argument "id" of type "ID!" is required/),
];

const lists: readonly Case[] = [
  {
    name: 'A list is in the order of ids',
    query: '{ markets { id } }',
    expected: { markets: ids('btc', 'doge', 'eth') },
  },
  {
    name: 'first and skip cut it',
    query: '{ trades(first: 2, skip: 1) { id } }',
    expected: { trades: ids('0x02', '0x03') },
  },
  { name: 'skip beyond the end leaves nothing', query: '{ trades(skip: 6) { id } }', expected: { trades: [] } },
  {
    name: 'null for first, skip and where is their default',
    query: '{ markets(first: null, skip: null, where: null) { id } }',
    expected: { markets: ids('btc', 'doge', 'eth') },
  },
  refused('first of 0 is refused', '{ trades(first: 0) { id } }', /`first` must be between 1 and 1000, but is 0/),
  refused(
    'first above 1000 is refused',
    '{ trades(first: 1001) { id } }',
    /`first` must be between 1 and 1000, but is 1001/,
  ),
  refused(
    'skip above 5000 is refused',
    '{ trades(skip: 5001) { id } }',
    /`skip` must be between 0 and 5000, but is 5001/,
  ),
  refused('skip below 0 is refused', '{ trades(skip: -1) { id } }', /`skip` must be between 0 and 5000, but is -1/),
  {
    name: 'A type without a plural has a collection',
    query: '{ proposalMetadata_collection { id } proposalMetadata(id: "bafy") { title } }',
    expected: { proposalMetadata_collection: ids('bafy'), proposalMetadata: { title: 'Lower the fee' } },
  },
];

const orders: readonly Case[] = [
  {
    name: 'Ordered by numbers, not by their text',
    query: '{ trades(orderBy: size) { id } }',
    expected: { trades: ids('0x04', '0x03', '0x02', '0x05', '0x01', '0x06') },
  },
  {
    name: 'What is equal is ordered by id',
    query: '{ accounts(orderBy: volume) { id } }',
    expected: { accounts: ids('0x0b', '0x0c', '0x0a') },
  },
  {
    name: 'Descending reverses the order by id too',
    query: '{ accounts(orderBy: volume, orderDirection: desc) { id } }',
    expected: { accounts: ids('0x0a', '0x0c', '0x0b') },
  },
  {
    name: 'Descending without orderBy is the order of ids still',
    query: '{ markets(orderDirection: desc) { id } }',
    expected: { markets: ids('btc', 'doge', 'eth') },
  },
  {
    name: 'By id descending',
    query: '{ markets(orderBy: id, orderDirection: desc) { id } }',
    expected: { markets: ids('eth', 'doge', 'btc') },
  },
  {
    name: 'Nulls come last ascending',
    query: '{ trades(orderBy: memo) { id } }',
    expected: { trades: ids('0x06', '0x02', '0x05', '0x04', '0x01', '0x03') },
  },
  {
    name: 'Nulls come first descending',
    query: '{ trades(orderBy: memo, orderDirection: desc, first: 2) { id } }',
    expected: { trades: ids('0x03', '0x01') },
  },
  {
    name: 'Booleans: false comes before true',
    query: '{ markets(orderBy: open) { id } }',
    expected: { markets: ids('doge', 'btc', 'eth') },
  },
  {
    name: 'Enums are ordered as they are declared',
    query: '{ positions(orderBy: side) { id } }',
    expected: { positions: ids('0x0a02', '0x0b01', '0x0a01', '0x0c01') },
  },
  {
    name: 'By a reference it is ordered by its id',
    query: '{ trades(orderBy: market, first: 3) { id } }',
    expected: { trades: ids('0x04', '0x06', '0x01') },
  },
  {
    name: 'By a field of what is referred to',
    query: '{ positions(orderBy: market__price, orderDirection: desc) { id } }',
    expected: { positions: ids('0x0a02', '0x0b01', '0x0a01', '0x0c01') },
  },
  {
    name: 'By the id of what is referred to',
    query: '{ trades(orderBy: account__id, orderDirection: desc) { id } }',
    expected: { trades: ids('0x06', '0x05', '0x02', '0x04', '0x03', '0x01') },
  },
  {
    name: 'What refers to nothing comes last',
    query: '{ accounts(orderBy: referrer__volume) { id } }',
    expected: { accounts: ids('0x0c', '0x0b', '0x0a') },
  },
  {
    name: 'By a field of a derived single entity',
    query: '{ markets(where: { id_not: "doge" }, orderBy: listing__note) { id } }',
    expected: { markets: ids('eth', 'btc') },
  },
  refused(
    'Ordering by a list is refused',
    '{ markets(orderBy: tags) { id } }',
    /Ordering by attribute `tags` is not supported for type `Market`/,
  ),
  refused(
    'Ordering by what derives is refused',
    '{ markets(orderBy: trades) { id } }',
    /Ordering by attribute `trades` is not supported/,
  ),
  refused(
    'Ordering by what is not there is refused',
    '{ markets(orderBy: volume) { id } }',
    /does not exist in "Market_orderBy" enum/,
  ),
];

const filters: readonly Case[] = [
  trades('Equal', '{ size: "7" }', '0x02', '0x05'),
  trades('Several conditions hold together', '{ size: "7", side: LONG }', '0x05'),
  trades('Not equal', '{ size_not: "7" }', '0x01', '0x03', '0x04', '0x06'),
  trades('A number goes in without quotes', '{ size_gt: 7, price_lt: 3100.25 }', '0x01', '0x06'),
  trades('Greater, and less', '{ price_gt: "3001", price_lt: "59000.125" }', '0x03', '0x05'),
  trades('Greater or equal, and less or equal', '{ price_gte: "3001", price_lte: "3100.25" }', '0x02', '0x03', '0x05'),
  trades('Of many digits', '{ size_gte: "1000000000000000000000" }', '0x06'),
  trades('In a list', '{ size_in: ["5", "3", "4"] }', '0x03', '0x04'),
  trades('In no list is nothing', '{ size_in: [] }'),
  trades('Not in a list', '{ size_not_in: ["5", "7"] }', '0x01', '0x04', '0x06'),
  trades('Not in an empty list is nothing either', '{ size_not_in: [] }'),
  trades('An integer of 32 bits', '{ logIndex_gte: 1 }', '0x02', '0x04', '0x06'),
  trades('An integer of 64 bits', '{ time_lt: 1700006460 }', '0x01', '0x02'),
  trades('An integer of 64 bits as text', '{ time: "1700010030" }', '0x05', '0x06'),
  trades('A boolean', '{ liquidation: true }', '0x05'),
  trades('A boolean that is not', '{ liquidation_not: true, size: "7" }', '0x02'),
  trades('A boolean in a list', '{ liquidation_in: [true] }', '0x05'),
  trades('An enum', '{ side: SHORT }', '0x02', '0x04'),
  trades('An enum in a list', '{ side_in: [SHORT, LONG], size: "7" }', '0x02', '0x05'),
  trades('An enum not in a list', '{ side_not_in: [LONG] }', '0x02', '0x04'),
  trades('Null', '{ memo: null }', '0x03'),
  trades('Not null', '{ memo_not: null, market: "eth" }', '0x01', '0x02', '0x05'),
  trades('What is null is not unequal to a value', '{ memo_not: "open" }', '0x02', '0x04', '0x05', '0x06'),
  trades('Text contains, by letter', '{ memo_contains: "pen" }', '0x01', '0x02'),
  trades('Text contains in any case', '{ memo_contains_nocase: "pen" }', '0x01', '0x02', '0x06'),
  trades('Text does not contain', '{ memo_not_contains: "pen" }', '0x04', '0x05', '0x06'),
  trades('Text does not contain in any case', '{ memo_not_contains_nocase: "PEN" }', '0x04', '0x05'),
  trades('Text starts with', '{ memo_starts_with: "op" }', '0x01'),
  trades('Text starts with in any case', '{ memo_starts_with_nocase: "op" }', '0x01', '0x02', '0x06'),
  trades('Text does not start with', '{ memo_not_starts_with: "op" }', '0x02', '0x04', '0x05', '0x06'),
  trades('Text does not start with in any case', '{ memo_not_starts_with_nocase: "op" }', '0x04', '0x05'),
  trades('Text ends with', '{ memo_ends_with: "e" }', '0x04', '0x05'),
  trades('Text ends with in any case', '{ memo_ends_with_nocase: "EN" }', '0x01', '0x06'),
  trades('Text does not end with', '{ memo_not_ends_with: "e" }', '0x01', '0x02', '0x06'),
  trades('Text does not end with in any case', '{ memo_not_ends_with_nocase: "N" }', '0x02', '0x04', '0x05'),
  trades('Text is ordered by its bytes', '{ memo_gt: "Open50", memo_lt: "hedge" }', '0x05'),
  trades('A percent sign at an end makes it the pattern', '{ memo_contains: "o%" }', '0x01'),
  trades('Bytes', '{ data: "0xABCD" }', '0x02'),
  trades('Bytes contain bytes, not halves of them', '{ data_contains: "0xab" }', '0x02', '0x03', '0x06'),
  trades('Bytes do not contain', '{ data_not_contains: "0xab" }', '0x01', '0x04', '0x05'),
  trades('Bytes are ordered', '{ data_gt: "0x0abc", data_lte: "0xabcd" }', '0x02', '0x06'),
  trades('Ids in a list', '{ id_in: ["0x06", "0x01", "0xff"] }', '0x01', '0x06'),
  trades('Ids greater than one, for pages', '{ id_gt: "0x04" }', '0x05', '0x06'),
  trades('A reference by its id', '{ account: "0x0B" }', '0x02', '0x05'),
  trades('References in a list', '{ market_in: ["btc", "doge"] }', '0x04', '0x06'),
  trades('A reference that is not', '{ market_not: "eth" }', '0x04', '0x06'),
  trades('A reference as text', '{ market_starts_with: "do" }', '0x06'),
  markets('A list as a whole', '{ tags: ["major", "l1"] }', 'eth'),
  markets('A list that is not', '{ tags_not: ["major"] }', 'doge', 'eth'),
  markets('A list contains', '{ tags_contains: ["major"] }', 'btc', 'eth'),
  markets('A list contains all', '{ tags_contains: ["l1", "major"] }', 'eth'),
  markets('A list contains none', '{ tags_not_contains: ["l1", "meme"] }', 'btc', 'doge'),
  markets('A list of numbers contains', '{ limits_contains: ["1000000000000000000000000"] }', 'eth'),
  markets('A list that is null', '{ limits: null }', 'btc'),
  accounts('A list of references contains', '{ markets_contains: ["eth"] }', '0x0a', '0x0b'),
  accounts('A reference that is null', '{ referrer: null }', '0x0a'),
  refused(
    'A comparison with null is refused',
    '{ trades(where: { size_gt: null }) { id } }',
    /Unsupported filter `size_gt` for value `null`/,
  ),
  refused(
    'A number that is none is refused',
    '{ trades(where: { size: "seven" }) { id } }',
    /Failed to decode `BigInt` value: `seven`/,
  ),
  refused(
    'A decimal that is none is refused',
    '{ trades(where: { price_gt: "1,5" }) { id } }',
    /Failed to decode `BigDecimal` value/,
  ),
  refused(
    'Bytes that are none are refused',
    '{ trades(where: { data: "0x0" }) { id } }',
    /Failed to decode `Bytes` value/,
  ),
  refused(
    'A filter that is not there is refused',
    '{ trades(where: { size_contains: "7" }) { id } }',
    /"size_contains" is not defined by type "Trade_filter"/,
  ),
];

const combined: readonly Case[] = [
  trades('Any of several filters', '{ or: [{ size: "3" }, { size: "5", side: LONG }] }', '0x03', '0x04'),
  trades('All of several filters', '{ and: [{ size_gte: "5" }, { size_lte: "7" }] }', '0x02', '0x03', '0x05'),
  trades(
    'One within the other',
    '{ and: [{ market: "eth" }, { or: [{ size: "10" }, { and: [{ size: "7" }, { liquidation: true }] }] }] }',
    '0x01',
    '0x05',
  ),
  trades('Conditions beside and', '{ side: LONG, and: [{ size: "7" }] }', '0x05'),
  trades('All of none is everything', '{ and: [] }', '0x01', '0x02', '0x03', '0x04', '0x05', '0x06'),
  trades('Any of none is nothing', '{ or: [] }'),
  refused(
    'Conditions beside or are refused',
    '{ trades(where: { side: LONG, or: [{ size: "7" }] }) { id } }',
    /Cannot mix column filters with 'or' operator/,
  ),
  trades(
    'Filtered by a field of what is referred to',
    '{ market_: { price_gt: "3100" } }',
    '0x01',
    '0x02',
    '0x03',
    '0x04',
    '0x05',
  ),
  trades('Filtered by several of them', '{ market_: { price_gt: "3100", decimals: 8 }, side: SHORT }', '0x04'),
  markets('Filtered by what derives from it', '{ trades_: { liquidation: true } }', 'eth'),
  markets('Filtered by what derives from a list', '{ followers_: { label: "bob_1" } }', 'doge', 'eth'),
  accounts('Filtered by what a list refers to', '{ markets_: { open: false } }', '0x0b'),
  accounts(
    'Filtered by a child under or',
    '{ or: [{ positions_: { market: "btc" } }, { label: null }] }',
    '0x0a',
    '0x0c',
  ),
  accounts('Filtered by a child of its own type', '{ referrer_: { label: "Alice" } }', '0x0b'),
  refused(
    'A child within a child is refused',
    '{ trades(where: { account_: { positions_: { size: "0" } } }) { id } }',
    /[Cc]hild filter nesting not supported/,
  ),
  trades('Changed in a block or after it', '{ _change_block: { number_gte: 14 } }', '0x05', '0x06'),
  markets('Changed, of what changes', '{ _change_block: { number_gte: 13 } }', 'doge', 'eth'),
];

const nested: readonly Case[] = [
  {
    name: 'References, lists of them and what derives, at once',
    query:
      '{ account(id: "0x0b") { referrer { label referrer { id } } markets { id } positions { id market { id } } } }',
    expected: {
      account: {
        referrer: { label: 'Alice', referrer: null },
        markets: ids('doge', 'eth'),
        positions: [{ id: '0x0b01', market: { id: 'eth' } }],
      },
    },
  },
  {
    name: 'first holds for each parent',
    query: '{ markets { id trades(first: 1, orderBy: size, orderDirection: desc) { id } } }',
    expected: {
      markets: [
        { id: 'btc', trades: ids('0x04') },
        { id: 'doge', trades: ids('0x06') },
        { id: 'eth', trades: ids('0x01') },
      ],
    },
  },
  {
    name: 'Skip and where of a nested list',
    query: '{ markets(where: { id: "eth" }) { trades(where: { side: LONG }, skip: 1) { id } } }',
    expected: { markets: [{ trades: ids('0x03', '0x05') }] },
  },
  {
    name: 'A nested list is ordered by a field of what it refers to',
    query: '{ account(id: "0x0a") { positions(orderBy: market__price) { id } } }',
    expected: { account: { positions: ids('0x0a01', '0x0a02') } },
  },
  {
    name: 'A list of references has arguments',
    query: '{ account(id: "0x0a") { markets(orderBy: price, orderDirection: desc, first: 1) { id } } }',
    expected: { account: { markets: ids('btc') } },
  },
  {
    name: 'What derives from a list',
    query: '{ markets { id followers { id } } }',
    expected: {
      markets: [
        { id: 'btc', followers: ids('0x0a') },
        { id: 'doge', followers: ids('0x0b') },
        { id: 'eth', followers: ids('0x0a', '0x0b') },
      ],
    },
  },
  {
    name: 'A derived single entity, and none',
    query: '{ eth: market(id: "eth") { listing { id } } btc: market(id: "btc") { listing { id } } }',
    expected: { eth: { listing: { id: 'L1' } }, btc: { listing: null } },
  },
  refused(
    'A derived single entity of which there are two is refused',
    '{ market(id: "doge") { listing { id } } }',
    /Ambiguous result for derived field `listing`/,
  ),
  refused(
    'A required reference to what is not there is refused',
    '{ listing(id: "L4") { market { id } } }',
    /null for non-nullable field Listing.market/,
  ),
  {
    name: 'One field twice under two names with other arguments',
    query:
      '{ market(id: "eth") { long: trades(where: { side: LONG }) { id } short: trades(where: { side: SHORT }) { id } } }',
    expected: { market: { long: ids('0x01', '0x03', '0x05'), short: ids('0x02') } },
  },
];

const language: readonly Case[] = [
  {
    name: 'Fragments, and fields of one name merged',
    query:
      'query Q { trades(first: 1) { ...A ... on Trade { market { id } } } } fragment A on Trade { id market { name } }',
    expected: { trades: [{ id: '0x01', market: { name: 'Ether', id: 'eth' } }] },
  },
  {
    name: 'Variables',
    query:
      'query Q($where: Trade_filter, $first: Int = 1, $by: Trade_orderBy) { trades(where: $where, first: $first, orderBy: $by) { id } }',
    variables: { where: { size_in: ['7'], market_: { id: 'eth' } }, by: 'id' },
    expected: { trades: ids('0x02') },
  },
  {
    name: 'A variable that is left out',
    query: 'query Q($id: String) { trades(where: { market: $id }, first: 2) { id } }',
    expected: { trades: ids('0x01', '0x02') },
  },
  {
    name: 'A variable of null',
    query: 'query Q($memo: String) { trades(where: { memo: $memo }) { id } }',
    variables: { memo: null },
    expected: { trades: ids('0x03') },
  },
  refused(
    'A variable of another type is refused',
    'query Q($id: Int) { trades(where: { market: $id }) { id } }',
    /Variable "\$id" of type "Int" used in position expecting type "String"/,
  ),
  {
    name: 'Skipped and included fields',
    query:
      'query Q($no: Boolean = false) { trades(first: 1) { id size @include(if: $no) market @skip(if: true) { id } } }',
    expected: { trades: ids('0x01') },
  },
  {
    name: 'Names of types',
    query: '{ __typename trades(first: 1) { __typename market { __typename } } }',
    expected: { __typename: 'Query', trades: [{ __typename: 'Trade', market: { __typename: 'Market' } }] },
  },
  {
    name: 'The schema tells what its documentation says',
    query: '{ __type(name: "Market") { description fields { name description } } }',
    expected: {
      __type: {
        description: 'What is traded.',
        fields: [
          'id',
          'name',
          'price',
          'skew',
          'open',
          'tags',
          'limits',
          'decimals',
          'closedAt',
          'positions',
          'trades',
          'followers',
          'listing',
        ].map((name) => ({ name, description: name === 'name' ? 'For people to read.' : null })),
      },
    },
  },
  refused('A field that is not there is refused', '{ trades { id fee } }', /Cannot query field "fee" on type "Trade"/),
  refused('What is no GraphQL is refused', '{ trades {', /Syntax Error/),
  refused(
    'One of several operations has to be named',
    'query A { trades { id } } query B { markets { id } }',
    /several operations/,
  ),
];

const blocks: readonly Case[] = [
  {
    name: 'A block by its number',
    query: '{ market(id: "eth", block: { number: 12 }) { price } accounts(block: { number: 12 }) { id volume } }',
    expected: {
      market: { price: '3000.5' },
      accounts: [
        { id: '0x0a', volume: '1000' },
        { id: '0x0b', volume: '50' },
      ],
    },
  },
  {
    name: 'A block by its hash',
    query: 'query Q($hash: Bytes) { market(id: "doge", block: { hash: $hash }) { open } }',
    variables: { hash: hash(13) },
    expected: { market: { open: true } },
  },
  {
    name: 'The newest block, if it is at least a number',
    query: '{ market(id: "doge", block: { number_gte: 12 }) { open } }',
    expected: { market: { open: false } },
  },
  {
    name: 'Two blocks in one request',
    query: '{ before: markets(block: { number: 11 }) { id } now: markets { id } }',
    expected: { before: ids('btc', 'eth', 'old'), now: ids('btc', 'doge', 'eth') },
  },
  {
    name: 'A block holds for what is nested, for filters and for orders',
    query:
      '{ markets(block: { number: 12 }, where: { trades_: { size: "7" } }, orderBy: price) { id price trades { id } positions { size } } }',
    expected: {
      markets: [
        { id: 'eth', price: '3000.5', trades: ids('0x01', '0x02'), positions: [{ size: '10' }, { size: '7' }] },
      ],
    },
  },
  {
    name: 'An entity before it was made is null',
    query: '{ market(id: "doge", block: { number: 11 }) { id } }',
    expected: { market: null },
  },
  {
    name: 'An entity before it was removed is there',
    query: '{ market(id: "old", block: { number: 11 }) { id } }',
    expected: { market: { id: 'old' } },
  },
  refused(
    'A block in the future is refused',
    '{ markets(block: { number: 15 }) { id } }',
    /has only indexed up to block number 14 and data for block number 15 is therefore not yet available/,
  ),
  refused(
    'At least a block in the future is refused',
    '{ markets(block: { number_gte: 15 }) { id } }',
    /`block.number_gte`.*only indexed up to block number 14/,
  ),
  refused(
    'A block that is forgotten is refused',
    '{ markets(block: { number: 10 }) { id } }',
    /only has data starting at block number 11 and data for block number 10 is therefore not available/,
  ),
  refused(
    'A block of unknown hash is refused',
    `{ markets(block: { hash: "0x${'ff'.repeat(32)}" }) { id } }`,
    /no block with that hash found/,
  ),
  {
    name: 'What is known of the newest block',
    query: '{ _meta { block { number hash timestamp parentHash } deployment hasIndexingErrors } }',
    expected: {
      _meta: {
        block: { number: 14, hash: hash(14), timestamp: 1_700_010_030, parentHash: hash(13) },
        deployment: fixture.id,
        hasIndexingErrors: false,
      },
    },
  },
  {
    name: 'What is known of another block',
    query: '{ _meta(block: { number: 12 }) { block { number } } }',
    expected: { _meta: { block: { number: 12 } } },
  },
  {
    name: 'Safe and final blocks',
    query: '{ _meta { safe finalized } }',
    expected: { _meta: { safe: 13, finalized: 12 } },
    beyond: true,
  },
];

const aggregations: readonly Case[] = [
  {
    name: 'Hours are newest first',
    query: '{ volumeStats(interval: hour) { id timestamp market { name } total count lifetime } }',
    expected: {
      volumeStats: [
        { id: '4', timestamp: '1700006400000000', market: { name: 'Bitcoin' }, total: '3', count: '1', lifetime: '3' },
        {
          id: '3',
          timestamp: '1700006400000000',
          market: { name: 'Ether' },
          total: '5.25',
          count: '1',
          lifetime: '22.75',
        },
        {
          id: '2',
          timestamp: '1700002800000000',
          market: { name: 'Ether' },
          total: '17.5',
          count: '2',
          lifetime: '17.5',
        },
      ],
    },
  },
  {
    name: 'Hours of one market in a time',
    query: '{ volumeStats(interval: hour, where: { market: "eth", timestamp_gte: "1700006400000000" }) { total } }',
    expected: { volumeStats: [{ total: '5.25' }] },
  },
  {
    name: 'Days that are over',
    query: '{ volumeStats(interval: day) { total } }',
    expected: { volumeStats: [{ total: '17.5' }] },
  },
  {
    name: 'Hours at a block',
    query: '{ volumeStats(interval: hour, block: { number: 13 }) { total } }',
    expected: { volumeStats: [{ total: '17.5' }] },
  },
  {
    name: 'The first hours alone',
    query: '{ volumeStats(interval: hour, first: 1, skip: 1) { id } }',
    expected: { volumeStats: ids('3') },
  },
  {
    name: 'The hour that is not over is asked too',
    query:
      '{ volumeStats(interval: hour, current: include, first: 2) { id timestamp market { id } total count lifetime } }',
    expected: {
      volumeStats: [
        { id: '5', timestamp: '1700010000000000', market: { id: 'eth' }, total: '7', count: '1', lifetime: '29.75' },
        { id: '4', timestamp: '1700006400000000', market: { id: 'btc' }, total: '3', count: '1', lifetime: '3' },
      ],
    },
  },
  {
    name: 'The hour that was not over at a block, as far as it was known',
    query: '{ volumeStats(interval: hour, current: include, block: { number: 12 }) { timestamp total lifetime } }',
    expected: { volumeStats: [{ timestamp: '1700002800000000', total: '17.5', lifetime: '17.5' }] },
  },
  {
    name: 'The day that is not over, filtered',
    query: '{ volumeStats(interval: day, current: include, where: { market: "btc" }) { timestamp total count } }',
    expected: { volumeStats: [{ timestamp: '1700006400000000', total: '3', count: '1' }] },
  },
  refused(
    'An interval is required',
    '{ volumeStats { id } }',
    /argument "interval" of type "Aggregation_interval!" is required/,
  ),
  {
    name: 'A timeseries is asked as any entity',
    query: '{ volumes(where: { market: "eth", timestamp_lt: "1700006460000000" }) { id timestamp amount } }',
    expected: {
      volumes: [
        { id: '1', timestamp: '1700004000000000', amount: '10.5' },
        { id: '2', timestamp: '1700004000000000', amount: '7' },
      ],
    },
  },
];

/** What graph-node's dialect means, case by case. */
export const cases: readonly Case[] = [
  ...single,
  ...lists,
  ...orders,
  ...filters,
  ...combined,
  ...nested,
  ...language,
  ...blocks,
  ...aggregations,
];
