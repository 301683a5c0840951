import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{sdk,keeper,devnet,deploy,lab,app,scripts}/**/*.data.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 60_000,
  },
});
