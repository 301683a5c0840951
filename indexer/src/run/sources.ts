import { isAddress } from 'viem';
import type { Build, DataSource, FileTemplate } from '../build/manifest.ts';
import { isCid } from '../ipfs/cid.ts';
import type { CreatedSource } from '../store/types.ts';

/** What a created source is made from: a data source of its own or a file; undefined when its parameter names nothing. */
export function createdOf(build: Build, { template, parameters, context, from }: CreatedSource) {
  const known = build.templates.get(template);
  const [parameter = ''] = parameters;
  if (known?.kind === 'file/ipfs') return isCid(parameter) ? known : undefined;
  if (!known || !isAddress(parameter, { strict: false })) return undefined;
  const address = parameter.toLowerCase() as DataSource['address'];
  return { ...known, address, startBlock: from, endBlock: null, context } satisfies DataSource;
}

/** Whether two are one: the second is not created. */
export function isSame(a: CreatedSource, b: CreatedSource): boolean {
  const plain = ({ template, parameters, context }: CreatedSource) =>
    JSON.stringify([template, parameters, context], (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  return plain(a) === plain(b);
}

/** The sources on the chain, those of the manifest first. */
export function onChainSources(build: Build, created: readonly CreatedSource[]): readonly DataSource[] {
  const own = created.flatMap((source) => {
    const made = createdOf(build, source);
    return made?.kind === 'ethereum' ? [made] : [];
  });
  return [...build.dataSources, ...own];
}

/** The template of a file; undefined when the source is none. */
export function fileOf(build: Build, source: CreatedSource): FileTemplate | undefined {
  const template = createdOf(build, source);
  return template?.kind === 'file/ipfs' ? template : undefined;
}
