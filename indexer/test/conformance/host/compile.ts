import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const source = 'indexer/test/conformance/host/assembly/mapping.ts';

/** The test mappings, compiled by graph-cli's compiler with graph-cli's options; once for the same source. */
export function compiledMappings(): Uint8Array {
  const lock = readFileSync(`${root}package-lock.json`);
  const hash = createHash('sha256')
    .update(readFileSync(root + source))
    .update(lock)
    .digest('hex')
    .slice(0, 16);
  const folder = `${root}node_modules/.cache/tidemark`;
  const file = `${folder}/mappings-${hash}.wasm`;
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const made = `${folder}/mappings-${hash}-${process.pid}.wasm`;
    const options = ['--explicitStart', '--exportRuntime', '--runtime', 'stub', '--optimize', '--debug'];
    const sources = [source, 'node_modules/@graphprotocol/graph-ts/global/global.ts', '--lib', 'node_modules'];
    const output = ['--baseDir', '.', '--outFile', made.slice(root.length)];
    execFileSync(process.execPath, ['node_modules/assemblyscript/bin/asc', ...options, ...sources, ...output], {
      cwd: root,
      stdio: 'inherit',
    });
    renameSync(made, file);
  }
  return new Uint8Array(readFileSync(file));
}
