import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'graphql';
import { SubgraphError } from './errors.ts';
import { manifest } from './manifest.ts';
import { selectorsModule } from './selectors.ts';
import { compiledAbi, SOURCES } from './sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What graph-cli made of the mappings, of no network. */
const COMPILED = join(root, 'build', 'compiled');
const STAMP = 'inputs.sha256';
const GRAPH = fileURLToPath(import.meta.resolve('@graphprotocol/graph-cli/bin/run.js'));

/**
 * Compiles the mappings by graph-cli, unless they and all that they are made of are those of the last time.
 * @param into Where to; without it they are kept and used again.
 * @returns The folder of what was compiled.
 * @throws {SubgraphError} When the compiler refuses them.
 */
export async function compile(into = COMPILED): Promise<string> {
  const inputs = await readInputs();
  const hash = createHash('sha256');
  for (const [path, text] of inputs) hash.update(`${path}\0${text}\0`);
  const digest = hash.digest('hex');
  const last = await readFile(join(into, STAMP), 'utf8').catch(() => '');
  if (last === digest) return into;

  // Beside what is there: whoever reads it meanwhile finds it whole. Below the repository: graph-cli looks for its library in the
  // folders above.
  const work = join(root, 'build', `.compile-${process.pid}`);
  try {
    for (const [path, text] of inputs) await write(join(work, path), text);
    await graph(work, 'codegen');
    await graph(work, 'build');
    const made = join(work, 'build');
    await writeFile(join(made, STAMP), digest);
    await rm(into, { recursive: true, force: true });
    await mkdir(dirname(into), { recursive: true });
    await rename(made, into);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return into;
}

/** All that graph-cli reads, by its path. */
async function readInputs(): Promise<Map<string, string>> {
  const schema = await readFile(join(root, 'schema.graphql'), 'utf8');
  const entities = parse(schema).definitions.flatMap((one) =>
    one.kind === 'ObjectTypeDefinition' && one.directives?.some(({ name }) => name.value === 'entity')
      ? [one.name.value]
      : [],
  );
  const files = new Map([
    ['schema.graphql', schema],
    ['subgraph.yaml', manifest(entities)],
    ['generated/selectors.ts', selectorsModule()],
  ]);
  for (const source of SOURCES) {
    files.set(`generated/abis/${source.name}.json`, JSON.stringify(compiledAbi(source), null, 2));
  }
  for (const name of (await readdir(join(root, 'src'))).sort()) {
    files.set(`src/${name}`, await readFile(join(root, 'src', name), 'utf8'));
  }
  return files;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function graph(folder: string, command: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [GRAPH, command], { cwd: folder, maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const found = `${stdout}\n${stderr}`.match(/ERROR [\s\S]*?in src\/\S+/g)?.join('\n') ?? `${stdout}\n${stderr}`;
    throw new SubgraphError(`graph ${command} failed: ${found.trim()}`, 'Correct the mappings or the schema.', error);
  }
}
