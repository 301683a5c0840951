import { stringify } from 'yaml';
import { handledEvents, handlerOf, SOURCES, type Source, signatureOf } from './sources.ts';

export const SPEC_VERSION = '1.3.0';
export const API_VERSION = '0.0.9';
/** The template of a proposal's metadata, and the entity that it writes; the mappings create it by this name. */
export const METADATA_TEMPLATE = 'ProposalMetadata';

/** Stand where a build puts what a deployment has. */
const NOWHERE = '0x0000000000000000000000000000000000000000';
const NO_NETWORK = 'none';

const mappingOf = (file: string, abis: readonly string[], entities: readonly string[]) => ({
  kind: 'ethereum/events',
  apiVersion: API_VERSION,
  language: 'wasm/assemblyscript',
  entities,
  abis: abis.map((name) => ({ name, file: `./generated/abis/${name}.json` })),
  file: `./src/${file}.ts`,
});

const sourceOf = (source: Source, entities: readonly string[]) => ({
  kind: 'ethereum',
  name: source.name,
  network: NO_NETWORK,
  source: { address: NOWHERE, abi: source.name, startBlock: 0 },
  mapping: {
    ...mappingOf(source.mappings, [source.name], entities),
    eventHandlers: handledEvents(source).map((event) => ({
      event: signatureOf(event),
      handler: handlerOf(source, event),
    })),
  },
});

/**
 * The manifest that the mappings are compiled by: of no network.
 * @param entities Names of the schema's entities. Those of files and those of the chain must not be the same.
 */
export function manifest(entities: readonly string[]): string {
  const onChain = entities.filter((name) => name !== METADATA_TEMPLATE);
  return stringify({
    specVersion: SPEC_VERSION,
    description: 'Trades, positions, orders, funding, liquidations, liquidity and governance of Tidemark.',
    schema: { file: './schema.graphql' },
    dataSources: SOURCES.map((source) => sourceOf(source, onChain)),
    templates: [
      {
        kind: 'file/ipfs',
        name: METADATA_TEMPLATE,
        network: NO_NETWORK,
        mapping: {
          ...mappingOf('metadata', ['Governance'], [METADATA_TEMPLATE]),
          handler: 'handleMetadata',
        },
      },
    ],
  });
}
