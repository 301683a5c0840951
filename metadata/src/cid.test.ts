import { cidOf } from '@tidemark/sdk';
import { base16 } from 'multiformats/bases/base16';
import { base58btc } from 'multiformats/bases/base58';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import { hexToBytes } from 'viem';
import { expect, it } from 'vitest';
import { DIGEST } from '../test/blocks.ts';
import { digestOf, toCid } from './cid.ts';

const hash = hexToBytes(DIGEST);
const base32 = `${toCid(DIGEST)}`;

it('a CID names a digest in both bases', () => {
  expect(base32).toMatch(/^bafkrei[a-z2-7]{52}$/);
  expect(digestOf(base32)).toBe(DIGEST);
  expect(digestOf(cidOf(DIGEST))).toBe(DIGEST);
});

it.each([
  ['nothing', ''],
  ['capitals', cidOf(DIGEST).toUpperCase()],
  ['capital digits', `f${cidOf(DIGEST).slice(1).toUpperCase()}`],
  ['a digit less', cidOf(DIGEST).slice(0, -1)],
  ['a byte more', `${cidOf(DIGEST)}00`],
  ['another base', toCid(DIGEST).toString(base58btc)],
  ['another codec', CID.createV1(0x70, create(0x12, hash)).toString(base16)],
  ['another hash', CID.createV1(0x55, create(0x1e, hash)).toString(base16)],
  ['another length', CID.createV1(0x55, create(0x12, hash.slice(1))).toString(base16)],
  ['version 0', CID.createV0(create(0x12, hash) as never).toString()],
  ['unused bits', base32.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))],
  ['a path', `../${base32}`],
  ['an escaped path', '..%2f..%2fetc%2fpasswd'],
  ['a byte of zero', `${base32.slice(0, -1)}\0`],
  ['a long text', 'b'.repeat(100_000)],
])('a CID of %s is none', (_what, cid) => {
  expect(digestOf(cid)).toBeUndefined();
});
