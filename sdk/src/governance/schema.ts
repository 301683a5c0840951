/** The part of JSON Schema that `metadata.schema.json` is written in. */
export interface Schema {
  type?: string;
  const?: unknown;
  required?: readonly string[];
  additionalProperties?: false;
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

/** The first place where a value departs from its schema. */
export interface Violation {
  /** e.g. `links[2].url`; empty for the value itself. */
  at: string;
  /** Follows the place in a sentence. */
  what: string;
}

/** The first violation of a schema; undefined when there is none. Lengths are in characters, as JSON Schema counts. */
export function violationOf(schema: Schema, value: unknown, at = ''): Violation | undefined {
  if ('const' in schema && value !== schema.const) return { at, what: `has to be ${JSON.stringify(schema.const)}` };
  if (schema.type === 'string') return ofString(schema, value, at);
  if (schema.type === 'array') return ofArray(schema, value, at);
  if (schema.type === 'object') return ofObject(schema, value, at);
  return undefined;
}

function ofString({ minLength = 0, maxLength = Infinity, pattern = '' }: Schema, value: unknown, at: string) {
  if (typeof value !== 'string') return { at, what: 'has to be a string' };
  const length = [...value].length;
  if (length < minLength) return { at, what: 'is empty' };
  if (length > maxLength) return { at, what: `has ${length} characters, at most ${maxLength} are allowed` };
  if (!new RegExp(pattern, 'u').test(value)) return { at, what: 'holds what is not allowed there' };
  return undefined;
}

function ofArray({ minItems = 0, maxItems = Infinity, items = {} }: Schema, value: unknown, at: string) {
  if (!Array.isArray(value)) return { at, what: 'has to be a list' };
  if (value.length < minItems) return { at, what: 'is empty' };
  if (value.length > maxItems) return { at, what: `has ${value.length} entries, at most ${maxItems} are allowed` };
  return first(value.map((item, i) => () => violationOf(items, item, `${at}[${i}]`)));
}

function ofObject({ required = [], properties = {} }: Schema, value: unknown, at: string) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { at, what: 'has to be an object' };
  const path = (name: string) => (at ? `${at}.${name}` : name);
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const missing = required.find((name) => !entries.some(([given]) => given === name));
  if (missing !== undefined) return { at: path(missing), what: 'is missing' };
  return first(
    entries.map(([name, member]) => () => {
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
      // A stranger's name may be anything, and the sentence is one line.
      return schema
        ? violationOf(schema, member, path(name))
        : { at, what: `holds ${JSON.stringify(name.slice(0, 40))}, which is not known` };
    }),
  );
}

function first(checks: readonly (() => Violation | undefined)[]): Violation | undefined {
  for (const check of checks) {
    const violation = check();
    if (violation) return violation;
  }
  return undefined;
}
