import type { Block } from '../../../src/store/types.ts';
import type { Entity } from '../../../src/values.ts';

/** All there is after a block, in plain maps. */
export interface Snapshot {
  readonly block: Block;
  readonly pets: ReadonlyMap<string, Entity>;
  /** With the block that made each. */
  readonly marks: ReadonlyMap<string, { readonly text: string; readonly from: bigint }>;
  readonly points: readonly { readonly block: Block; readonly market: string; readonly size: bigint }[];
}

const HOUR = 3_600n;

/** What is expected of the store: every block's state is kept whole, and rows are told by comparing them. */
export class Model {
  snapshots: Snapshot[] = [];
  earliest = 0n;

  get last(): Snapshot | undefined {
    return this.snapshots.at(-1);
  }

  revertTo(number: bigint): void {
    this.snapshots = this.snapshots.filter(({ block }) => block.number <= number);
  }

  /** Versions of pets, by id and block. */
  pets(): { entity: Entity; from: bigint; to: bigint | null }[] {
    const rows: { id: string; entity: Entity; from: bigint; to: bigint | null }[] = [];
    let before: ReadonlyMap<string, Entity> = new Map();
    for (const { block, pets } of this.snapshots) {
      for (const id of new Set([...before.keys(), ...pets.keys()])) {
        if (text(before.get(id)) === text(pets.get(id))) continue;
        const open = rows.find((row) => row.id === id && row.to === null);
        if (open) open.to = block.number;
        const entity = pets.get(id);
        if (entity) rows.push({ id, entity, from: block.number, to: null });
      }
      before = pets;
    }
    return rows
      .filter(({ to }) => to === null || to > this.earliest)
      .sort((a, b) => (a.id === b.id ? Number(a.from - b.from) : a.id < b.id ? -1 : 1))
      .map(({ entity, from, to }) => ({ entity, from, to }));
  }

  /** Hours that are over, by their block and market. */
  hours(): { market: string; timestamp: bigint; count: bigint; bought: string; total: string; from: bigint }[] {
    const rows = [];
    for (const [n, { block }] of this.snapshots.entries()) {
      const before = this.snapshots[n - 1];
      if (!before || before.block.time / HOUR === block.time / HOUR) continue;
      const hour = before.block.time / HOUR;
      for (const market of [...new Set(before.points.map((point) => point.market))].sort()) {
        const all = before.points.filter((point) => point.market === market);
        const its = all.filter((point) => point.block.time / HOUR === hour);
        if (its.length === 0) continue;
        rows.push({
          ...{ market, timestamp: hour * HOUR * 1_000_000n, count: BigInt(its.length), from: block.number },
          bought: String(its.reduce((sum, { size }) => (size > 0n ? sum + size : sum), 0n)),
          total: String(all.reduce((sum, { size }) => sum + (size < 0n ? -size : size), 0n)),
        });
      }
    }
    return rows;
  }
}

/** Of an entity, to compare. */
export const text = (entity: Entity | null | undefined) =>
  JSON.stringify(entity && Object.entries(entity).sort(), (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
