import { Bytes, ethereum } from '@graphprotocol/graph-ts';
import { DYNAMIC, SELECTORS, SIGNATURES } from '../generated/selectors';
import { textOf } from './text';

// What a proposal's calls say, by the functions of the exchange's own contracts.

/** Where a tuple of varying length begins: it precedes one that is decoded by itself. */
const OFFSET = Bytes.fromHexString('0x0000000000000000000000000000000000000000000000000000000000000020');

/** The function of a selector, with its types; null of one that no contract of the exchange has. */
export function signatureOf(selector: Bytes): string | null {
  const index = SELECTORS.indexOf(selector.toHexString());
  return index < 0 ? null : SIGNATURES[index];
}

/** The arguments of a call as text; none where they cannot be read. */
export function readArguments(selector: Bytes, calldata: Bytes): string[] {
  const index = SELECTORS.indexOf(selector.toHexString());
  if (index < 0) return [];
  const signature = SIGNATURES[index];
  const types = signature.slice(signature.indexOf('('));
  if (types == '()') return [];
  const words = Bytes.fromUint8Array(calldata.subarray(4));
  const decoded = ethereum.decode(types, DYNAMIC[index] ? OFFSET.concat(words) : words);
  if (decoded == null) return [];
  const values = decoded.toTuple();
  const texts: string[] = [];
  for (let i = 0; i < values.length; i++) texts.push(textOf(values[i]));
  return texts;
}
