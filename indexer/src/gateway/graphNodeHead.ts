import type { EntityType, Schema } from '../build/schema.ts';
import { GraphNodeError } from './errors.ts';
import type { GraphNodeClient } from './graphNodeClient.ts';
import { META } from './query/index.ts';
import { queryNames } from './query/names.ts';

/** The newest block that a graph-node serves. */
export interface GraphNodeHead {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string | null;
  readonly time: bigint | null;
  readonly deployment: string;
  readonly hasErrors: boolean;
}

/** Entities that are asked for at once. */
const PORTION = 30;

/** @throws {GraphNodeError} */
export async function readHead(client: GraphNodeClient): Promise<GraphNodeHead> {
  const { data, errors } = await client.ask(
    '{ _meta { block { number hash parentHash timestamp } deployment hasIndexingErrors } }',
  );
  const meta = data?._meta as
    | {
        block: { number: number; hash: string; parentHash: string | null; timestamp: number | null };
        deployment: string;
        hasIndexingErrors: boolean;
      }
    | undefined;
  if (!meta)
    throw new GraphNodeError(
      `The graph-node has no block yet (${errors?.[0]?.message ?? 'no reason given'}).`,
      'Wait until it has begun to index.',
    );
  const { number, hash, parentHash, timestamp } = meta.block;
  return {
    number: BigInt(number),
    hash,
    parentHash,
    time: timestamp === null ? null : BigInt(timestamp),
    deployment: meta.deployment,
    hasErrors: meta.hasIndexingErrors,
  };
}

/**
 * Names of what has changed since a block, among those that are watched. Hours and days may be over in any block. That an entity
 * was removed is not told by a graph-node.
 * @throws {GraphNodeError}
 */
export async function changedSince(
  client: GraphNodeClient,
  schema: Schema,
  watched: ReadonlySet<string>,
  block: bigint,
): Promise<ReadonlySet<string>> {
  const types = [...schema.types.values()].filter(({ name }) => watched.has(name));
  const isProbed = ({ kind }: EntityType) => kind !== 'aggregation';
  const changed = new Set([META, ...types.filter((type) => !isProbed(type)).map(({ name }) => name)]);
  const probed = types.filter(isProbed);
  for (let from = 0; from < probed.length; from += PORTION) {
    const portion = probed.slice(from, from + PORTION);
    const fields = portion.map(
      (type, index) =>
        `p${index}: ${queryNames(type).many}(first: 1, where: { _change_block: { number_gte: ${block + 1n} } }) { id }`,
    );
    const { data, errors } = await client.ask(`{ ${fields.join(' ')} }`);
    if (!data)
      throw new GraphNodeError(
        `The graph-node refuses to tell what changed (${errors?.[0]?.message ?? 'no reason given'}).`,
        'Check that it serves the subgraph of the build.',
      );
    for (const [index, { name }] of portion.entries())
      if ((data[`p${index}`] as unknown[] | undefined)?.length) changed.add(name);
  }
  return changed;
}
