import { normalise } from './chain.ts';

/** The model and the contract differ. */
export class DifferenceError extends Error {}

export const show = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? v.toString() : v));

/** Values in the structs' order, whatever the fields are called. */
export function flat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flat).join()}]`;
  if (typeof value === 'object' && value !== null) return `[${Object.values(value).map(flat).join()}]`;
  return String(normalise(value));
}
