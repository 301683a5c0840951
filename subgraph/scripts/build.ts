import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '@tidemark/deploy';
import { isAddress } from 'viem';
import { parse, stringify } from 'yaml';
import { compile } from './compile.ts';
import { SubgraphError } from './errors.ts';
import { SOURCES } from './sources.ts';

/** What a subgraph is built for. */
export interface Target {
  readonly deployment: Deployment;
  /** As graph-node names it. */
  readonly network: string;
  /** The block in which the exchange's first contract was deployed, or any earlier one. */
  readonly startBlock: bigint;
  /** The folder of the build; what it held before is gone. */
  readonly into: string;
}

interface Manifest {
  dataSources: { name: string; network: string; source: { address: string; startBlock: number } }[];
  templates: { network: string }[];
}

/**
 * Builds the subgraph for one deployment: compiled once, and the addresses written into its manifest.
 * @returns The folder, as graph-cli makes it: what graph-node and the embedded runtime take.
 * @throws {SubgraphError}
 */
export async function buildSubgraph({ deployment, network, startBlock, into }: Target): Promise<string> {
  const compiled = await compile();
  const manifest: Manifest = parse(await readFile(join(compiled, 'subgraph.yaml'), 'utf8'));
  for (const source of manifest.dataSources) {
    source.network = network;
    source.source.address = addressOf(source.name, deployment);
    source.source.startBlock = Number(startBlock);
  }
  for (const template of manifest.templates) template.network = network;
  await rm(into, { recursive: true, force: true });
  await cp(compiled, into, { recursive: true, filter: (path) => !path.endsWith('.sha256') });
  await writeFile(join(into, 'subgraph.yaml'), stringify(manifest));
  return into;
}

function addressOf(name: string, deployment: Deployment): string {
  const source = SOURCES.find((one) => one.name === name);
  const address = source?.addressIn(deployment);
  if (!address || !isAddress(address, { strict: false })) {
    throw new SubgraphError(`The deployment has no address of ${name}.`, 'Use the file that the deployment wrote.');
  }
  return address;
}
