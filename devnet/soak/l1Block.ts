import { type Address, concatHex, type Hex, pad, parseAbi, toFunctionSelector, toHex } from 'viem';

/** The predeploy by which OP Stack chains tell what L1's data costs; the chain charges by the same slots. */
export const L1_BLOCK: Address = '0x4200000000000000000000000000000000000015';

const abi = parseAbi([
  'function basefee() view returns (uint256)',
  'function blobBaseFee() view returns (uint256)',
  'function baseFeeScalar() view returns (uint32)',
  'function blobBaseFeeScalar() view returns (uint32)',
]);

/** OP Mainnet's. */
const BASE_FEE_SCALAR = 5_227n;
const BLOB_BASE_FEE_SCALAR = 1_014_213n;

/** Where each value stands: slot, and first bit of it. */
const PLACES: Readonly<Record<(typeof abi)[number]['name'], readonly [slot: bigint, from: number, bits: number]>> = {
  basefee: [1n, 0, 256],
  blobBaseFee: [7n, 0, 256],
  baseFeeScalar: [3n, 96, 32],
  blobBaseFeeScalar: [3n, 64, 32],
};

/** Bytes of a getter's test, and of its body. */
const TEST = 10;
const BODY = 16;

/** Answers the getters from their slots. */
export function l1BlockCode(): Hex {
  // The selector: the first four bytes of the call.
  const head: Hex = '0x5f3560e01c';
  const start = 5 + abi.length * TEST + 3;
  const tests = abi.map((getter, i) =>
    concatHex(['0x8063', toFunctionSelector(getter), '0x1460', toHex(start + i * BODY, { size: 1 }), '0x57']),
  );
  const bodies = abi.map(({ name }) => {
    const [slot, from, bits] = PLACES[name];
    // A value is shifted to the top and then down, so that nothing beside it stays.
    return concatHex([
      ...['0x5b60' as const, toHex(slot, { size: 1 }), '0x5460' as const, toHex(256 - from - bits, { size: 1 })],
      ...['0x1b60' as const, toHex(256 - bits, { size: 1 }), '0x1c5f5260205ff3' as const],
    ]);
  });
  return concatHex([head, ...tests, '0x5f5ffd', ...bodies]);
}

/** The slots, at prices of L1's gas and blobs in wei. */
export function l1BlockSlots(baseFee: bigint, blobBaseFee: bigint): readonly (readonly [slot: Hex, value: Hex])[] {
  const scalars = (BASE_FEE_SCALAR << 96n) | (BLOB_BASE_FEE_SCALAR << 64n);
  const word = (value: bigint) => pad(toHex(value), { size: 32 });
  return [
    [word(1n), word(baseFee)],
    [word(3n), word(scalars)],
    [word(7n), word(blobBaseFee)],
  ];
}
