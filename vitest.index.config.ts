import { defineConfig } from 'vitest/config';

// The random tests of the index, with far more cases than there is time for with each change.
export default defineConfig({
  test: {
    include: [
      'indexer/test/reorgs.test.ts',
      'indexer/test/conformance/decimals.test.ts',
      'indexer/test/conformance/store/random.test.ts',
      'subgraph/test/books.test.ts',
    ],
    env: { TIDEMARK_LONG: '1' },
  },
});
