import { type AbiFunction, type AbiParameter, decodeAbiParameters, type Hex, parseAbiParameters, size } from 'viem';
import type { AbiValue } from './host.ts';

/** graph-ts's `ethereum.ValueKind`, in its order. */
export const ABI_KINDS = [
  'address',
  'fixedBytes',
  'bytes',
  'int',
  'uint',
  'bool',
  'string',
  'fixedArray',
  'array',
  'tuple',
] as const;
export type AbiKind = (typeof ABI_KINDS)[number];

/** A value that tells its kind, as handlers make them. */
export type Token =
  | { readonly kind: 'fixedArray' | 'array' | 'tuple'; readonly value: readonly Token[] }
  | { readonly kind: 'int' | 'uint'; readonly value: bigint }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'address' | 'fixedBytes' | 'bytes' | 'string'; readonly value: string };

const ARRAY = /^(.*)\[(\d*)\]$/;

/** The kind of a type, and what its elements or components are. */
export function shapeOf(parameter: AbiParameter): {
  kind: AbiKind;
  element?: AbiParameter;
  parts?: readonly AbiParameter[];
} {
  const { type } = parameter;
  const array = ARRAY.exec(type);
  if (array) return { kind: array[2] ? 'fixedArray' : 'array', element: { ...parameter, type: array[1] ?? '' } };
  if (type === 'tuple') return { kind: 'tuple', parts: 'components' in parameter ? parameter.components : [] };
  if (type === 'bytes' || type === 'string' || type === 'bool' || type === 'address') return { kind: type };
  if (type.startsWith('bytes')) return { kind: 'fixedBytes' };
  return { kind: type.startsWith('u') ? 'uint' : 'int' };
}

/** A value as viem decodes it, made one of ours: bigint for every integer, an array for every tuple, no checksum in an address. */
export function abiValue(parameter: AbiParameter, value: unknown): AbiValue {
  const { kind, element, parts } = shapeOf(parameter);
  if (element) return (value as unknown[]).map((one) => abiValue(element, one));
  if (parts) {
    const of = value as Record<string, unknown>;
    return parts.map((part, index) => abiValue(part, Array.isArray(value) ? value[index] : of[part.name ?? '']));
  }
  if (kind === 'int' || kind === 'uint') return BigInt(value as number);
  return kind === 'address' ? (value as string).toLowerCase() : (value as AbiValue);
}

/** As calls name a function: `name(types):(types)`, without the second part when it returns nothing. */
export function signatureOf({ name, inputs, outputs }: AbiFunction): string {
  const types = (of: readonly AbiParameter[]) => of.map(canonical).join(',');
  return `${name}(${types(inputs)})${outputs.length > 0 ? `:(${types(outputs)})` : ''}`;
}

/** A parameter's type with a tuple's parts written out. */
export function canonical(parameter: AbiParameter): string {
  if (!('components' in parameter)) return parameter.type;
  return `(${parameter.components.map(canonical).join(',')})${parameter.type.slice('tuple'.length)}`;
}

/** Decodes one value of a type such as `(address,uint256[])`. @throws for data that is not of that type. */
export function decode(types: string, data: Hex): { parameter: AbiParameter; value: AbiValue } {
  const [parameter, ...others] = parseAbiParameters(types) as readonly AbiParameter[];
  if (!parameter || others.length > 0) throw new Error(`'${types}' is not one type`);
  const [value] = decodeAbiParameters([parameter], data);
  return { parameter, value: abiValue(parameter, value) };
}

/** Encodes one value by what it is. @throws for one that its kind cannot hold. */
export const encode = (token: Token): string => `0x${sequence([token])}`;

// Data are hex without 0x here; a word has 64 digits.

function sequence(tokens: readonly Token[]): string {
  const bodies = tokens.map((token) => [isDynamic(token), body(token)] as const);
  let offset = bodies.reduce((sum, [dynamic, text]) => sum + (dynamic ? 32 : text.length / 2), 0);
  const heads = bodies.map(([dynamic, text]) => {
    if (!dynamic) return text;
    offset += text.length / 2;
    return word(BigInt(offset - text.length / 2));
  });
  return heads.join('') + bodies.map(([dynamic, text]) => (dynamic ? text : '')).join('');
}

function isDynamic(token: Token): boolean {
  if (token.kind === 'fixedArray' || token.kind === 'tuple') return token.value.some(isDynamic);
  return token.kind === 'array' || token.kind === 'bytes' || token.kind === 'string';
}

function body(token: Token): string {
  switch (token.kind) {
    case 'fixedArray':
    case 'tuple':
      return sequence(token.value);
    case 'array':
      return word(BigInt(token.value.length)) + sequence(token.value);
    case 'string':
      return counted(Buffer.from(token.value).toString('hex'));
    case 'bytes':
      return counted(token.value.slice(2));
    case 'fixedBytes':
      return padded(token.value.slice(2));
    case 'address':
      return token.value.slice(2).padStart(64, '0');
    case 'bool':
      return word(token.value ? 1n : 0n);
    default:
      return integer(token);
  }
}

function integer({ kind, value }: Token & { kind: 'int' | 'uint' }): string {
  const fits = kind === 'int' ? BigInt.asIntN(256, value) === value : BigInt.asUintN(256, value) === value;
  if (!fits) throw new RangeError(`${value} is no ${kind}256`);
  return word(BigInt.asUintN(256, value));
}

const word = (value: bigint) => value.toString(16).padStart(64, '0');
const padded = (hex: string) => hex.padEnd(Math.ceil(hex.length / 64) * 64, '0');
const counted = (hex: string) => word(BigInt(size(`0x${hex}`))) + padded(hex);
