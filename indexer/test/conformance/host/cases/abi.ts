import type { HostCase } from './hostCase.ts';

/** Words of 32 bytes, written without their leading zeros. */
const words = (...of: readonly (string | number)[]) => `0x${of.map((one) => String(one).padStart(64, '0')).join('')}`;
/** A word that begins with some bytes. */
const left = (hex: string) => hex.padEnd(64, '0');

const ADDRESS = '00112233445566778899aabbccddeeff00112233';
const MINUS_TWO = `${'f'.repeat(63)}e`;

/** What graph-node documents of `ethereum.encode` and `ethereum.decode`. */
export const abiCases: readonly HostCase[] = [
  ['encodes an address', 'abi', ['encode', 'address'], words(ADDRESS)],
  ['encodes an unsigned integer', 'abi', ['encode', 'uint'], words('102')],
  ['encodes a signed integer', 'abi', ['encode', 'int'], words(MINUS_TWO)],
  ['encodes a boolean', 'abi', ['encode', 'bool'], words(1)],
  ['encodes a text', 'abi', ['encode', 'string'], words(20, 3, left('68c3a9'))],
  ['encodes bytes', 'abi', ['encode', 'bytes'], words(20, 2, left('0102'))],
  ['encodes fixed bytes', 'abi', ['encode', 'fixedBytes'], words(left('0102'))],
  ['encodes a list', 'abi', ['encode', 'array'], words(20, 2, '102', '102')],
  ['encodes a list of texts', 'abi', ['encode', 'strings'], words(20, 2, 40, 80, 3, left('68c3a9'), 3, left('68c3a9'))],
  ['encodes a fixed list', 'abi', ['encode', 'fixedArray'], words(MINUS_TWO, MINUS_TWO)],
  ['encodes a tuple', 'abi', ['encode', 'tuple'], words('102', ADDRESS)],
  [
    'encodes a tuple with texts',
    'abi',
    ['encode', 'dynamicTuple'],
    words(20, '102', 80, 'c0', ADDRESS, 3, left('68c3a9'), 2, 40, 80, 3, left('68c3a9'), 3, left('68c3a9')),
  ],
  ['gives null for an unsigned integer below zero', 'abi', ['encode', 'negative'], 'null'],
  [
    'decodes a tuple',
    'abi',
    ['decode', '(uint256,address)', words('102', ADDRESS)],
    `tuple(uint 258 address 0x${ADDRESS})`,
  ],
  ['decodes a small integer', 'abi', ['decode', 'int8', words(MINUS_TWO)], 'int -2'],
  ['decodes a list', 'abi', ['decode', 'bool[]', words(20, 2, 1, 0)], 'array(bool true bool false)'],
  ['decodes a fixed list', 'abi', ['decode', 'uint8[2]', words(1, 2)], 'fixedArray(uint 1 uint 2)'],
  ['decodes a text', 'abi', ['decode', 'string', words(20, 3, left('68c3a9'))], 'string hé'],
  ['decodes bytes', 'abi', ['decode', 'bytes', words(20, 2, left('0102'))], 'bytes 0x0102'],
  ['decodes fixed bytes', 'abi', ['decode', 'bytes2', words(left('0102'))], 'fixedBytes 0x0102'],
  [
    'decodes tuples in a list',
    'abi',
    ['decode', '(uint8,string)[]', words(20, 1, 20, 7, 40, 3, left('68c3a9'))],
    'array(tuple(uint 7 string hé))',
  ],
  ['gives null for data that are too short', 'abi', ['decode', '(uint256,address)', words(1)], 'null'],
  ['gives null for a type that is none', 'abi', ['decode', 'number', words(1)], 'null'],
  ['gives null for two types', 'abi', ['decode', 'uint256,uint256', words(1, 2)], 'null'],
];
