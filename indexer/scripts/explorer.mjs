// Bundles GraphiQL into files that the gateway serves by itself.
import { copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../explorer/', import.meta.url));
const into = fileURLToPath(new URL('../dist/explorer/', import.meta.url));

await build({
  entryPoints: [`${folder}explorer.ts`],
  outdir: into,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.woff2': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'linked',
});
await copyFile(`${folder}index.html`, `${into}index.html`);
