/** Where an answer has integers of the chain, by the keys of the answer; lists count as what they are of. */
export interface Shape {
  readonly [key: string]: true | Shape;
}

/** A query with the types of what it takes and answers. */
export interface Document<result, variables> {
  readonly name: string;
  /** GraphQL, a query; the same as a subscription is answered again with each change. */
  readonly source: string;
  readonly integers: Shape;
  /** Never there: carries the types. */
  readonly types?: { readonly result: result; readonly variables: variables };
}

/** The same text as a subscription. */
export const asSubscription = (source: string): string => source.replace(/^query\b/, 'subscription');

/** Variables as JSON: integers in decimal. */
export const encodeVariables = (variables: unknown): unknown =>
  JSON.parse(JSON.stringify(variables ?? {}, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));

/**
 * An answer with its integers as bigint, every digit kept. What is null stays so.
 * @throws {TypeError} When there is something else in an integer's place, or nothing at all.
 */
export function decode(value: unknown, shape: true | Shape, path = 'data'): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((one, i) => decode(one, shape, `${path}.${i}`));
  if (shape === true) {
    if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    throw new TypeError(`${path} is no integer`);
  }
  if (typeof value !== 'object' || value === undefined) throw new TypeError(`${path} is no object`);
  const fields = Object.entries(shape).map(([key, of]) => {
    const field = (value as Record<string, unknown>)[key];
    if (field === undefined) throw new TypeError(`${path}.${key} is missing`);
    return [key, decode(field, of, `${path}.${key}`)] as const;
  });
  return { ...value, ...Object.fromEntries(fields) };
}
