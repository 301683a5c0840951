import { type Address, concat, createClient, custom, type Hex, pad, toHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { embeddedAddresses, findMissingCode } from './codeScan.ts';

const who = (byte: string): Address => `0x${byte.repeat(20)}`;
const [ROOT, NEAR, FAR, GONE, LOST] = [who('11'), who('22'), who('33'), who('44'), who('95')];
const push20 = (address: Address) => concat(['0x73', address]);
const push32 = (address: Address) => concat(['0x7f', pad(address)]);

describe('the addresses that code names', () => {
  it('are pushed as 20 bytes, or as 32 with 12 zeros before', () => {
    expect(embeddedAddresses(concat([push20(NEAR), '0x50', push32(FAR), '0x5000']))).toEqual([NEAR, FAR]);
    expect(embeddedAddresses(concat([push20(NEAR), push20(NEAR)]))).toEqual([NEAR]);
  });

  it.each([
    ['a mask', concat(['0x73', who('ff')])],
    ['a mask of several fields', concat(['0x73', '0xffffffffc0ffffff0000000000000000ffffffff'])],
    ['a number', concat(['0x7f', toHex(2n ** 80n - 1n, { size: 32 })])],
    ['a word that is no address', concat(['0x7f', '0x000000000000000000000001', NEAR])],
    ['data of another push', concat(['0x74', '0x73', NEAR])],
    ['bytes cut short', concat(['0x73', '0x2222'])],
  ])('are not %s', (_, code) => {
    expect(embeddedAddresses(code)).toEqual([]);
  });

  it('are found right after the data of another push', () => {
    expect(embeddedAddresses(concat(['0x60', '0x73', push20(NEAR)]))).toEqual([NEAR]);
  });
});

describe('missing code', () => {
  const codes: Record<Address, Hex> = {
    [ROOT]: concat([push20(NEAR), push20(GONE), push20(ROOT)]),
    [NEAR]: concat([push32(FAR), push20(ROOT)]),
    [FAR]: concat([push20(LOST), push20(GONE), push20(NEAR)]),
  };
  const client = createClient({
    transport: custom({ request: async ({ params }) => codes[params[0].toLowerCase() as Address] ?? '0x' }),
  });

  it('is found through code that is there, once, with who names it', async () => {
    expect(await findMissingCode(client, ROOT)).toEqual([
      { address: GONE, namedBy: ROOT, text: 'D'.repeat(20) },
      { address: LOST, namedBy: FAR, text: null },
    ]);
  });
});
