import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$/;
const HEX = /^(0x)?([0-9a-fA-F]{2})*$/;
const INT8_LIMIT = 2n ** 63n;

/** Bytes as they are stored. @throws {GraphQLError} */
export function bytes(text: string): string {
  if (!HEX.test(text)) throw malformed('Bytes', text, 'hexadecimal digits, two a byte');
  return `0x${text.replace(/^0x/, '').toLowerCase()}`;
}

function integer(text: string): string {
  if (!INTEGER.test(text)) throw malformed('BigInt', text, 'an integer');
  return text;
}

function decimal(text: string): string {
  if (!DECIMAL.test(text)) throw malformed('BigDecimal', text, 'a decimal number');
  return text;
}

const long = (name: string) => (text: string) => {
  if (!INTEGER.test(text) || BigInt(text) >= INT8_LIMIT || BigInt(text) < -INT8_LIMIT) {
    throw malformed(name, text, 'an integer of 64 bits');
  }
  return text;
};

const malformed = (scalar: string, text: string, expected: string) =>
  new GraphQLError(`Failed to decode \`${scalar}\` value: \`${text.slice(0, 80)}\` is not ${expected}.`);

/** Values go in and out as text, so that no digit is lost; numbers go in too. */
function textScalar(name: string, description: string, read: (text: string) => string): GraphQLScalarType {
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => value,
    parseValue: (value) => {
      if (typeof value === 'string') return read(value);
      if (typeof value === 'number' && name !== 'Bytes') return read(String(value));
      throw malformed(name, JSON.stringify(value), 'a text');
    },
    parseLiteral: (node: ValueNode) => {
      if (node.kind === Kind.STRING) return read(node.value);
      if ((node.kind === Kind.INT || node.kind === Kind.FLOAT) && name !== 'Bytes') return read(node.value);
      throw malformed(name, 'value' in node ? String(node.value) : node.kind, 'a text');
    },
  });
}

/** The scalars that GraphQL itself does not have. */
export const SCALAR_TYPES = [
  textScalar('BigInt', 'An integer of any size, as text.', integer),
  textScalar('BigDecimal', 'A decimal number of up to 34 significant digits, as text.', decimal),
  textScalar('Bytes', 'Bytes in hexadecimal digits, with 0x.', bytes),
  textScalar('Int8', 'An integer of 64 bits, as text.', long('Int8')),
  textScalar('Timestamp', 'Microseconds since 1970, as text.', long('Timestamp')),
];
