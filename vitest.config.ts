import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The build that Node loads, as those do which depend on it: two of them do not know each other's schemas.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    include: ['{sdk,keeper,devnet,deploy,metadata,database,orders,indexer,subgraph,lab,app,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.data.test.ts', 'app/e2e/**'],
    // Many wait for chains and databases in processes of their own: on two cores one worker leaves half of them idle.
    maxWorkers: 2,
    // What hangs is ended; how long a test takes says more of the machine than of the code.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
