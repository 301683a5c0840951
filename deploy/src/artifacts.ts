import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Abi, Hex } from 'viem';
import { DeployError } from './errors.ts';

/** What the compiler made of one contract on the release profile. */
export interface Artifact {
  readonly name: string;
  /** Source file, relative to the project. */
  readonly source: string;
  readonly abi: Abi;
  readonly bytecode: Hex;
}

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
  return { name, source, abi, bytecode: bytecode.object };
}
