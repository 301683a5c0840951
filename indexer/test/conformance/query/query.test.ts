import { beforeAll, expect, test } from 'vitest';
import { execute } from '../../../src/gateway/query/index.ts';
import type { Served } from '../../../src/store/types.ts';
import { testDatabase } from '../../database.ts';
import { cases } from './cases.ts';
import { loadFixture } from './fixture.ts';

const database = testDatabase();
let served: Served;
beforeAll(async () => {
  served = await loadFixture(database());
}, 60_000);

test.each(cases)('$name', async ({ query, variables, expected, error }) => {
  const { data, errors } = await execute({ served, document: query, variables });
  if (error === undefined) expect({ data, errors }).toEqual({ data: expected, errors: undefined });
  else expect(errors?.map(({ message }) => message).join('\n')).toMatch(error);
});
