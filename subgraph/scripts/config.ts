import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Target } from './build.ts';
import type { DeployOptions } from './deploy.ts';
import { SubgraphError } from './errors.ts';

export const USAGE = `npm run build -w subgraph -- [options]
Compiles the subgraph and writes a build for one deployment.

  --network NAME     devnet (default), op-sepolia or optimism
  --deployment FILE  what the deployment wrote (default deployments/<chain id>.json)
  --start-block N    where it was deployed, or any earlier block (default the file's startBlock, else 0)
  --into FOLDER      (default subgraph/build/<network>)

npm run deploy -w subgraph -- --node URL --ipfs URL --version LABEL [--name NAME] [--build FOLDER]
Uploads a build to IPFS and has a graph-node index it.

  --node URL         the node's admin address, as http://127.0.0.1:8020
  --ipfs URL         the IPFS node's API, as http://127.0.0.1:5001
  --version LABEL    as v1.0.0
  --name NAME        (default tidemark)
  --build FOLDER     (default subgraph/build/devnet)

npm run deploy -w subgraph -- --studio --version LABEL --name NAME [--build FOLDER]
The same on The Graph Network, with the deploy key of the subgraph's studio.

In the environment, since it is a secret:
  TIDEMARK_DEPLOY_KEY       the deploy key; of a graph-node only where it asks for one
  TIDEMARK_DEPLOY_KEY_FILE  a file that holds it, instead`;

const HELP = 'See "npm run build -w subgraph -- --help".';
const repository = fileURLToPath(new URL('../..', import.meta.url));
const buildsOf = (network: string) => join(repository, 'subgraph', 'build', network);

/** Where the studio takes builds. */
const STUDIO = { node: 'https://api.studio.thegraph.com/deploy/', ipfs: 'https://api.thegraph.com/ipfs/' };

/** By our names: those of graph-node, and the chain's id. */
const NETWORKS: Readonly<Record<string, { name: string; chainId: number }>> = {
  devnet: { name: 'devnet', chainId: 901 },
  'op-sepolia': { name: 'optimism-sepolia', chainId: 11_155_420 },
  optimism: { name: 'optimism', chainId: 10 },
};

const string = { type: 'string' } as const;

/** @throws {SubgraphError} When an option is wrong or the deployment's file is not there. */
export async function readBuildOptions(args: readonly string[]): Promise<Target> {
  const values = parse(args, { network: string, deployment: string, 'start-block': string, into: string });
  const { network: chosen = 'devnet' } = values;
  const network = NETWORKS[chosen];
  if (!network) throw new SubgraphError(`There is no network ${chosen}.`, `Use ${Object.keys(NETWORKS).join(', ')}.`);
  const file = values.deployment ?? join(repository, 'deployments', `${network.chainId}.json`);
  const deployment = await readJson(file);
  if (deployment.chainId !== network.chainId) {
    throw new SubgraphError(`${file} is not of chain ${network.chainId}.`, 'Name the file of that network.');
  }
  const startBlock = wholeNumber(values['start-block'] ?? String(deployment.startBlock ?? 0));
  return { deployment, network: network.name, startBlock, into: values.into ?? buildsOf(chosen) };
}

async function readJson(file: string) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new SubgraphError(`${file} cannot be read.`, 'Name the file that the deployment wrote: --deployment.', error);
  }
}

function wholeNumber(text: string): bigint {
  if (!/^\d+$/.test(text)) throw new SubgraphError(`"${text}" is no block.`, HELP);
  return BigInt(text);
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws {SubgraphError} When an option is missing or wrong; it never says what is secret. */
export async function readDeployOptions(args: readonly string[], env: Env): Promise<DeployOptions> {
  const boolean = { type: 'boolean' } as const;
  const options = { node: string, ipfs: string, version: string, name: string, build: string, studio: boolean };
  const values = parse(args, options);
  const key = await readKey(env);
  if (values.studio && !key) throw new SubgraphError('The studio asks for a key.', 'Set TIDEMARK_DEPLOY_KEY.');
  if (values.studio && !values.name)
    throw new SubgraphError('--name is missing.', 'Give the name it has in the studio.');
  return {
    node: values.studio ? STUDIO.node : url('--node', values.node),
    ipfs: values.studio ? STUDIO.ipfs : url('--ipfs', values.ipfs),
    name: values.name ?? 'tidemark',
    version: required('--version', values.version),
    build: values.build ?? buildsOf('devnet'),
    create: !values.studio,
    key,
  };
}

async function readKey(env: Env): Promise<string | undefined> {
  const file = env.TIDEMARK_DEPLOY_KEY_FILE;
  if (!file) return env.TIDEMARK_DEPLOY_KEY;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new SubgraphError(`The key's file ${file} cannot be read.`, 'Check TIDEMARK_DEPLOY_KEY_FILE.', error);
  }
}

function parse<T extends Record<string, { type: 'string' | 'boolean' }>>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new SubgraphError((error as Error).message, HELP);
  }
}

function required(name: string, value: string | undefined): string {
  if (!value) throw new SubgraphError(`${name} is missing.`, HELP);
  return value;
}

function url(name: string, value: string | undefined): string {
  const text = required(name, value);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new SubgraphError(`${name} is no http address.`, HELP);
  }
  return text;
}
