import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Abi, Address, Hex } from 'viem';
import { DeployError } from './errors.ts';
import { DEVNET_CHAIN_IDS } from './network.ts';

/** What the compiler made of one contract on the release profile. */
export interface Artifact {
  readonly name: string;
  /** Source file, relative to the project. */
  readonly source: string;
  readonly abi: Abi;
  readonly bytecode: Hex;
  /** Where the bytecode calls libraries that are deployed by themselves: first byte of each address, by library. */
  readonly links: Readonly<Record<string, readonly number[]>>;
}

/** What stands on the chain of one contract. */
export interface Runtime extends Artifact {
  /** Where its constructor writes into it, bytes. */
  readonly immutables: readonly { readonly start: number; readonly length: number }[];
}

/**
 * All that a real chain gets beside the exchange's own contracts: the shell in front of every upgradeable one, and the
 * timelock.
 */
const FOREIGN = [
  'node_modules/@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol',
  'node_modules/@openzeppelin/contracts/governance/TimelockController.sol',
];

const release = fileURLToPath(new URL('../../contracts/out-release', import.meta.url));

/**
 * Reads a contract of the release build.
 * @param file Name of the source file when it is not the contract's.
 * @throws {DeployError} When it has not been built.
 */
export function readArtifact(name: string, file = name): Artifact {
  const { abi, bytecode, metadata } = readBuild(name, file);
  const [source = ''] = Object.keys(metadata.settings.compilationTarget);
  return { name, source, abi, bytecode: bytecode.object, links: linksOf(bytecode) };
}

/**
 * Reads what stands on the chain of a contract of the release build.
 * @throws {DeployError} When it has not been built.
 */
export function readRuntime(name: string): Runtime {
  const { deployedBytecode: runtime } = readBuild(name, name);
  const immutables = Object.values<Runtime['immutables'][number][]>(runtime.immutableReferences ?? {}).flat();
  return { ...readArtifact(name), bytecode: runtime.object, links: linksOf(runtime), immutables };
}

function readBuild(name: string, file: string) {
  const path = `${release}/${file}.sol/${name}.json`;
  if (!existsSync(path)) {
    throw new DeployError(`The contract ${name} has not been built.`, 'Run "npm run build" first.');
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}

function linksOf({ linkReferences = {} }: { linkReferences?: Record<string, Record<string, { start: number }[]>> }) {
  const links: Record<string, number[]> = {};
  for (const libraries of Object.values(linkReferences))
    for (const [library, places] of Object.entries(libraries)) links[library] = places.map(({ start }) => start);
  return links;
}

/**
 * Puts the addresses of its libraries into a contract's bytecode.
 * @throws {DeployError} When one of them is missing.
 */
export function link<made extends Artifact>(artifact: made, libraries: Readonly<Record<string, Address>>): made {
  let code = artifact.bytecode.slice(2);
  for (const [library, places] of Object.entries(artifact.links)) {
    const address = libraries[library];
    if (!address) throw new DeployError(`${artifact.name} needs the library ${library}.`, 'Deploy it first.');
    for (const start of places) code = code.slice(0, 2 * start) + address.slice(2) + code.slice(2 * (start + 20));
  }
  return { ...artifact, bytecode: `0x${code}`, links: {} };
}

/**
 * Refuses to deploy to a real chain anything but the contracts of `contracts/src`, the proxy in front of them and the
 * timelock: every deployment asks here first.
 * @throws {DeployError}
 */
export function refuseForeign(chainId: number, { name, source }: Artifact): void {
  if (DEVNET_CHAIN_IDS.includes(chainId)) return;
  if (source.startsWith('contracts/src/') || FOREIGN.includes(source)) return;
  throw new DeployError(
    `${name} is a double, and chain ${chainId} is not a devnet.`,
    'Name the real contract’s address in the network’s plan.',
  );
}
