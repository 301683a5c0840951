import { ethereum } from '@graphprotocol/graph-ts';

/** A value of an ABI as text: numbers in decimals, bytes in hex, lists and tuples in brackets. */
export function textOf(value: ethereum.Value): string {
  switch (value.kind) {
    case ethereum.ValueKind.ADDRESS:
      return value.toAddress().toHexString();
    case ethereum.ValueKind.FIXED_BYTES:
    case ethereum.ValueKind.BYTES:
      return value.toBytes().toHexString();
    case ethereum.ValueKind.INT:
    case ethereum.ValueKind.UINT:
      return value.toBigInt().toString();
    case ethereum.ValueKind.BOOL:
      return value.toBoolean() ? 'true' : 'false';
    case ethereum.ValueKind.STRING:
      return value.toString();
    case ethereum.ValueKind.TUPLE:
      return listOf(changetype<ethereum.Value[]>(value.toTuple()));
    default:
      return listOf(value.toArray());
  }
}

function listOf(values: ethereum.Value[]): string {
  const texts: string[] = [];
  for (let i = 0; i < values.length; i++) texts.push(textOf(values[i]));
  return `[${texts.join(', ')}]`;
}
