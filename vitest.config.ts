import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{sdk,keeper,devnet,deploy,metadata,database,orders,indexer,subgraph,lab,app,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.data.test.ts', 'app/e2e/**'],
  },
});
