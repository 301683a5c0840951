import pluralize from 'pluralize';
import type { EntityType } from '../../build/schema.ts';

/** Names of an entity's fields of the query, as graph-node makes them: `trade` and `trades`, `metadata_collection` without plural. */
export function queryNames({ name }: Pick<EntityType, 'name'>): { readonly one: string; readonly many: string } {
  const one = camelCase(name);
  const many = camelCase(pluralize.plural(name));
  return { one, many: many === one ? `${many}_collection` : many };
}

/** Capitals before the first small letter become small: `NAVDay` is `navday`, `Erc20Token` is `erc20Token`. */
const camelCase = (name: string) =>
  name
    .replace(/^[A-Z]+/, (capitals) => capitals.toLowerCase())
    .replace(/_+(.)?/g, (_, next = '') => next.toUpperCase())
    .replace(/\d[a-z]/g, (letter) => letter.toUpperCase());
