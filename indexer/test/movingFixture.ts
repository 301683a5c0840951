import type { Query } from '@tidemark/database';
import { openEmpty } from '../../database/test/empty.ts';
import { isVersioned, tableOf } from '../src/store/layout.ts';
import type { Block, Change, Served, Standing } from '../src/store/types.ts';
import { fixture, loadFixture } from './conformance/query/fixture.ts';

/** The fixture of the queries' conformance as a chain that goes on, and goes back. */
export class MovingFixture implements Served {
  readonly id: string;
  readonly schema = fixture.schema;
  readonly database: Served['database'];
  readonly namespace: string;
  chain: Standing['chain'] = fixture.chain;
  failed: string | null = null;
  readonly #blocks: Block[] = [...fixture.blocks];
  readonly #listeners = new Set<(change: Change) => void>();
  #made = 0;

  /** @param id As whose deployment it passes. */
  static async open(id = fixture.id): Promise<MovingFixture> {
    return new MovingFixture(id, await loadFixture(await openEmpty()));
  }

  private constructor(id: string, { database, namespace }: Served) {
    [this.id, this.database, this.namespace] = [id, database, namespace];
  }

  get head(): Block {
    const head = this.#blocks.at(-1);
    if (!head) throw new Error('The fixture has no block left.');
    return head;
  }

  standing(): Standing {
    return { head: this.head, earliest: fixture.earliest, chain: this.chain, failed: this.failed };
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Adds a block. @param change Writes what changes in it, with the block's number. */
  async advance(types: readonly string[], change: (query: Query, number: bigint) => Promise<void> = async () => {}) {
    const { number, hash: parentHash, time } = this.head;
    const hash = `0x${`${++this.#made}`.padStart(8, '0').padEnd(64, 'b')}`;
    const block = { number: number + 1n, hash, parentHash, time: time + 2n };
    await this.database.transaction(async (query) => {
      await query(`insert into ${this.namespace}._blocks values ($1::bigint, $2, $3, $4::bigint)`, [
        `${block.number}`,
        hash,
        parentHash,
        `${block.time}`,
      ]);
      await change(query, block.number);
    });
    this.#blocks.push(block);
    this.#tell({ head: block, types: new Set(types), reorganised: false });
  }

  /** A block in which the price of ether is another. */
  reprice(price: string): Promise<void> {
    const table = `${this.namespace}."market"`;
    return this.advance(['Market'], async (query, number) => {
      await query(
        `insert into ${table} select id, name, $1::numeric, skew, open, tags, limits, decimals, closed_at, $2::bigint, null
         from ${table} where id = 'eth' and _to is null`,
        [price, `${number}`],
      );
      await query(`update ${table} set _to = $1::bigint where id = 'eth' and _to is null and _from < $1::bigint`, [
        `${number}`,
      ]);
    });
  }

  /** Forgets every block above one. */
  async revertTo(number: bigint): Promise<void> {
    await this.database.transaction(async (query) => {
      for (const type of this.schema.types.values())
        for (const interval of type.aggregation?.intervals ?? [undefined]) {
          const table = `${this.namespace}.${tableOf(type, interval)}`;
          await query(`delete from ${table} where _from > $1::bigint`, [`${number}`]);
          if (isVersioned(type)) await query(`update ${table} set _to = null where _to > $1::bigint`, [`${number}`]);
        }
      await query(`delete from ${this.namespace}._blocks where number > $1::bigint`, [`${number}`]);
    });
    while (this.head.number > number) this.#blocks.pop();
    this.#tell({ head: this.head, types: new Set(this.schema.types.keys()), reorganised: true });
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
