import { GraphQLError } from 'graphql';
import { timestampOf } from '../../store/rollup.ts';
import type { Block, Served, Standing } from '../../store/types.ts';
import type { BlockHeight } from './plan.ts';

/** @throws {GraphQLError} When nothing was indexed yet. */
export function headOf({ head }: Standing): Block {
  if (head) return head;
  throw new GraphQLError('Subgraph has not started syncing yet. Wait for it to index a few blocks before querying it.');
}

/** The block at which a field is answered. @throws {GraphQLError} When its state is not known, or no more. */
export async function pin(height: BlockHeight | null, head: Block, served: Served): Promise<bigint> {
  if (height?.hash != null) {
    const [row] = await blockRows(served, 'hash = $1', height.hash);
    if (!row) throw new GraphQLError('Failed to decode `block.hash` value: `no block with that hash found`');
    return checked('number', BigInt(String(row.number)), head, served);
  }
  if (height?.number != null) return checked('number', BigInt(height.number), head, served);
  if (height?.number_gte != null) checked('number_gte', BigInt(height.number_gte), head, served);
  return head.number;
}

function checked(input: 'number' | 'number_gte', number: bigint, head: Block, served: Served): bigint {
  const refuse = (known: string, when: string) =>
    new GraphQLError(
      `Failed to decode \`block.${input}\` value: \`subgraph ${served.id} ${known} and data for block number ${number} is therefore not ${when}available\``,
    );
  if (number > head.number) throw refuse(`has only indexed up to block number ${head.number}`, 'yet ');
  const { earliest } = served.standing();
  if (input === 'number' && number < earliest) throw refuse(`only has data starting at block number ${earliest}`, '');
  return number;
}

/** A block as it was indexed; null of one that held nothing. */
export async function indexedBlock(number: bigint, head: Block, served: Served): Promise<Block | null> {
  if (number === head.number) return head;
  const [row] = await blockRows(served, 'number = $1', String(number));
  return row
    ? { number, hash: String(row.hash), parentHash: String(row.parent), time: BigInt(String(row.time)) }
    : null;
}

/** The time of a block, or of the last before it of which anything was indexed, microseconds. */
export async function timeAt(number: bigint, head: Block, served: Served): Promise<bigint> {
  if (number === head.number) return timestampOf(head);
  const [row] = await blockRows(served, 'number <= $1 order by number desc limit 1', String(number));
  return timestampOf({ time: BigInt(String(row?.time ?? 0)) });
}

/** Whether what was read up to a block belongs to the chain still, and was not pruned meanwhile. */
export async function isCanonical(head: Block, blocks: readonly bigint[], served: Served): Promise<boolean> {
  const { earliest } = served.standing();
  if (blocks.some((number) => number < earliest)) return false;
  const [row] = await blockRows(served, 'number = $1', String(head.number));
  return row?.hash === head.hash;
}

const blockRows = ({ database, namespace }: Served, condition: string, value: string) =>
  database.read(`select number::text, hash, parent, time::text from ${namespace}._blocks where ${condition}`, [value]);
