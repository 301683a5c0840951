import { defineConfig } from 'vitest/config';

// What reads and writes entities, on a real Postgres.
export default defineConfig({
  test: {
    include: ['indexer/src/{store,gateway/query}/**/*.test.ts', 'indexer/test/conformance/{store,query}/**/*.test.ts'],
    env: { TIDEMARK_REAL_POSTGRES: '1' },
    fileParallelism: false,
  },
});
