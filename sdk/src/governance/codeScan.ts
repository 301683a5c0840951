import { type Address, getAddress, type Hex, hexToBytes, hexToString, toHex } from 'viem';
import { getCode } from 'viem/actions';
import type { AnyClient } from '../actions/engine.ts';
import { onChain } from '../errors/index.ts';

const PUSH1 = 0x60;
const PUSH20 = 0x73;
const PUSH32 = 0x7f;
const ADDRESS_BYTES = 20;
/**
 * Nobody finds a key or a deployment whose address begins with so many zero bytes, or has so many bytes of 00 and ff: such a
 * word is a number, or a mask.
 */
const NUMBER_BYTES = 10;
const MASK_BYTES = 16;

/** An address that code names and at which there is none. */
export interface MissingCode {
  address: Address;
  /** Whose code names it. */
  namedBy: Address;
  /** What its bytes read as, when all of them are letters and signs: then it is a text, most likely. */
  text: string | null;
}

/**
 * The addresses that code names: what is pushed as 20 bytes, or as 32 of which the first 12 are zero, as immutables are.
 * Masks and numbers below 2^80 are none. What follows the code, as metadata, may look like one and is not told apart: it
 * can be code, too. An address with leading zeros that the compiler pushes as fewer bytes is not found.
 */
export function embeddedAddresses(code: Hex): Address[] {
  const bytes = hexToBytes(code);
  const found = new Set<Address>();
  for (let at = 0; at < bytes.length; at++) {
    const opcode = bytes[at] ?? 0;
    const length = opcode >= PUSH1 && opcode <= PUSH32 ? opcode - PUSH1 + 1 : 0;
    const pushed = bytes.subarray(at + 1, at + 1 + length);
    at += length;
    if (pushed.length < length || (opcode !== PUSH20 && opcode !== PUSH32)) continue;
    const address = pushed.subarray(length - ADDRESS_BYTES);
    const padded = pushed.subarray(0, length - ADDRESS_BYTES).every((byte) => byte === 0);
    const number = address.subarray(0, NUMBER_BYTES).every((byte) => byte === 0);
    const mask = address.filter((byte) => byte === 0 || byte === 0xff).length >= MASK_BYTES;
    if (padded && !number && !mask) found.add(getAddress(toHex(address)));
  }
  return [...found];
}

/**
 * What code names, and the code that it names, and so on, without there being code on the chain: it could appear there
 * later, and then do anything. An address that is only kept in storage, or calculated, is not found.
 * @param root Where it begins.
 * @throws {TidemarkError}
 */
export async function findMissingCode(client: AnyClient, root: Address, blockNumber?: bigint): Promise<MissingCode[]> {
  const at = blockNumber === undefined ? {} : { blockNumber };
  const missing: MissingCode[] = [];
  const seen = new Set([getAddress(root)]);
  const waiting = [...seen];
  for (let namedBy = waiting.pop(); namedBy; namedBy = waiting.pop()) {
    const code = await onChain(() => getCode(client, { address: namedBy as Address, ...at }));
    for (const address of embeddedAddresses(code ?? '0x')) {
      if (seen.has(address)) continue;
      seen.add(address);
      const named = await onChain(() => getCode(client, { address, ...at }));
      if (named) waiting.push(address);
      else missing.push({ address, namedBy, text: textOf(address) });
    }
  }
  return missing;
}

function textOf(address: Address): string | null {
  const text = hexToString(address);
  return /^[\x20-\x7e]{20}$/.test(text) ? text : null;
}
