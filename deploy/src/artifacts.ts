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

/** The shell in front of every upgradeable contract: all that a real chain gets beside the exchange's own contracts. */
const PROXY = 'node_modules/@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol';

const release = fileURLToPath(new URL('../../contracts/out-release', import.meta.url));

/**
 * Reads a contract of the release build.
 * @param file Name of the source file when it is not the contract's.
 * @throws {DeployError} When it has not been built.
 */
export function readArtifact(name: string, file = name): Artifact {
  const path = `${release}/${file}.sol/${name}.json`;
  if (!existsSync(path)) {
    throw new DeployError(`The contract ${name} has not been built.`, 'Run "npm run build" first.');
  }
  const { abi, bytecode, metadata } = JSON.parse(readFileSync(path, 'utf8'));
  const [source = ''] = Object.keys(metadata.settings.compilationTarget);
  const links: Record<string, number[]> = {};
  for (const libraries of Object.values<Record<string, { start: number }[]>>(bytecode.linkReferences ?? {}))
    for (const [library, places] of Object.entries(libraries)) links[library] = places.map(({ start }) => start);
  return { name, source, abi, bytecode: bytecode.object, links };
}

/**
 * Puts the addresses of its libraries into a contract's bytecode.
 * @throws {DeployError} When one of them is missing.
 */
export function link(artifact: Artifact, libraries: Readonly<Record<string, Address>>): Artifact {
  let code = artifact.bytecode.slice(2);
  for (const [library, places] of Object.entries(artifact.links)) {
    const address = libraries[library];
    if (!address) throw new DeployError(`${artifact.name} needs the library ${library}.`, 'Deploy it first.');
    for (const start of places) code = code.slice(0, 2 * start) + address.slice(2) + code.slice(2 * (start + 20));
  }
  return { ...artifact, bytecode: `0x${code}`, links: {} };
}

/**
 * Refuses to deploy to a real chain anything but the contracts of `contracts/src` and the proxy in front of them: every
 * deployment asks here first.
 * @throws {DeployError}
 */
export function refuseForeign(chainId: number, { name, source }: Artifact): void {
  if (DEVNET_CHAIN_IDS.includes(chainId)) return;
  if (source.startsWith('contracts/src/') || source === PROXY) return;
  throw new DeployError(
    `${name} is a double, and chain ${chainId} is not a devnet.`,
    'Name the real contract’s address in the network’s plan.',
  );
}
