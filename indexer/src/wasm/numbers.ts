import { base58btc } from 'multiformats/bases/base58';
import { BigDecimal } from '../bigDecimal.ts';
import type { Heap } from './heap.ts';
import { HandlerFailed } from './host.ts';

type Functions = Readonly<Record<string, (...values: number[]) => unknown>>;

/** @param what Says what the text should have been. @throws {HandlerFailed} */
export function parseInteger(text: string, what = `string is not a BigInt: \`${text}\``): bigint {
  if (!/^[+-]?\d[\d_]*$/.test(text)) throw new HandlerFailed(what);
  return BigInt(text.replaceAll('_', ''));
}

/** @throws {HandlerFailed} with what a range error says. */
export function inRange<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) throw new HandlerFailed(error.message, { cause: error });
    throw error;
  }
}

/** What graph-ts declares in `bigInt`, `bigDecimal` and `typeConversion`. */
export function numberFunctions(heap: Heap): Functions {
  const integers =
    (compute: (x: bigint, y: bigint) => bigint) =>
    (x = 0, y = 0) =>
      heap.writeBigInt(compute(heap.readBigInt(x), heap.readBigInt(y)));
  const byteSized =
    (compute: (x: bigint, y: bigint) => bigint) =>
    (x = 0, y = 0) => {
      if (y < 0 || y > 255) throw new HandlerFailed(`${y} does not fit into a u8`);
      return heap.writeBigInt(inRange(() => compute(heap.readBigInt(x), BigInt(y))));
    };
  const divided = (compute: (x: bigint, y: bigint) => bigint, how: string) =>
    integers((x, y) => {
      if (y === 0n) throw new HandlerFailed(how.replace('{}', `\`${x}\``));
      return compute(x, y);
    });
  const decimals =
    (compute: (x: BigDecimal, y: BigDecimal) => BigDecimal) =>
    (x = 0, y = 0) =>
      heap.writeBigDecimal(inRange(() => compute(heap.readBigDecimal(x), heap.readBigDecimal(y))));
  return {
    'bigInt.plus': integers((x, y) => x + y),
    'bigInt.minus': integers((x, y) => x - y),
    'bigInt.times': integers((x, y) => x * y),
    'bigInt.dividedBy': divided((x, y) => x / y, 'attempted to divide BigInt {} by zero'),
    'bigInt.mod': divided((x, y) => x % y, 'attempted to calculate the remainder of {} with a divisor of zero'),
    'bigInt.bitOr': integers((x, y) => x | y),
    'bigInt.bitAnd': integers((x, y) => x & y),
    'bigInt.pow': byteSized((x, y) => x ** y),
    'bigInt.leftShift': byteSized((x, y) => x << y),
    'bigInt.rightShift': byteSized((x, y) => x >> y),
    'bigInt.fromString': (text = 0) => heap.writeBigInt(parseInteger(heap.readString(text))),
    'bigInt.dividedByDecimal': (x = 0, y = 0) =>
      heap.writeBigDecimal(inRange(() => BigDecimal.of(heap.readBigInt(x), 0).dividedBy(heap.readBigDecimal(y)))),
    'bigDecimal.plus': decimals((x, y) => x.plus(y)),
    'bigDecimal.minus': decimals((x, y) => x.minus(y)),
    'bigDecimal.times': decimals((x, y) => x.times(y)),
    'bigDecimal.dividedBy': decimals((x, y) => x.dividedBy(y)),
    'bigDecimal.equals': (x = 0, y = 0) => Number(heap.readBigDecimal(x).compare(heap.readBigDecimal(y)) === 0),
    'bigDecimal.toString': (x = 0) => heap.writeString(heap.readBigDecimal(x).toString()),
    'bigDecimal.fromString': (text = 0) => heap.writeBigDecimal(inRange(() => BigDecimal.parse(heap.readString(text)))),
    'typeConversion.bigIntToString': (x = 0) => heap.writeString(String(heap.readBigInt(x))),
    'typeConversion.bigIntToHex': (x = 0) => heap.writeString(magnitudeHex(heap.readBigInt(x))),
    'typeConversion.bytesToHex': (bytes = 0) => heap.writeString(heap.readHex(bytes)),
    'typeConversion.bytesToString': (bytes = 0) => heap.writeString(textOf(heap.readBytes(bytes))),
    'typeConversion.bytesToBase58': (bytes = 0) => heap.writeString(base58btc.baseEncode(heap.readBytes(bytes))),
    'typeConversion.stringToH160': (text = 0) => heap.writeHex(addressOf(heap.readString(text))),
  };
}

/** graph-node leaves the sign away. */
const magnitudeHex = (value: bigint) => `0x${(value < 0n ? -value : value).toString(16)}`;

/** Of its last character on without nulls, as a text in a word of 32 bytes ends; what is no UTF-8 is replaced. */
const textOf = (bytes: Uint8Array) => utf8.decode(bytes).replace(/\0+$/, '');
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function addressOf(text: string): string {
  const digits = text.replace(/^(0x)+/, '');
  if (!/^[\da-f]{40}$/i.test(digits)) {
    throw new HandlerFailed(`Failed to convert string to Address/H160: '${digits}'`);
  }
  return `0x${digits}`;
}
