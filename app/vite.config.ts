import { defineConfig } from 'vite';

export default defineConfig(({ command }) => {
  // A test that builds the page would else get React's development half.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: import.meta.dirname,
    build: {
      target: 'es2022',
      manifest: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  };
});
