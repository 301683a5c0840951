import type { Hex } from 'viem';
import type { Differences } from './differences.ts';
import type { EngineSlots } from './engineSlots.ts';
import { type IndexState, idOf, numberOf, type Row } from './indexQueries.ts';

/** USD of 30 decimals in one of 18. */
const RAW_PER_WAD = 10n ** 12n;

/** Sums by a key. */
class Sums {
  readonly #sums = new Map<string, bigint>();

  add(key: string, amount: bigint): void {
    this.#sums.set(key, this.of(key) + amount);
  }

  of(key: string): bigint {
    return this.#sums.get(key) ?? 0n;
  }
}

/** An account's sums, and from which rows each is made. */
const SUMS = [
  'deposited',
  'withdrawn',
  'movedIn',
  'movedOut',
  'realised',
  'funding',
  'fees',
  'keeperFees',
  'credited',
  'penalties',
  'rewards',
  'crystallised',
] as const;
const TRANSFERS: Readonly<Record<string, (typeof SUMS)[number]>> = {
  deposit: 'deposited',
  withdrawal: 'withdrawn',
  moveIn: 'movedIn',
  moveOut: 'movedOut',
  credit: 'credited',
};

/**
 * Every account's margin and positions: rebuilt from what is told once and never changed, equal to what the index sums up, and
 * to the slots.
 * @returns Σ of all margins.
 */
export async function compareAccounts(
  index: IndexState,
  slots: EngineSlots,
  marketCount: bigint,
  differences: Differences,
): Promise<bigint> {
  const sums = await rebuild(index);
  const accounts = await index.all('accounts', 'Bytes', `margin openMarkets adjustments ${SUMS.join(' ')}`);
  const positions = await openPositions(index, differences);
  const markets = Array.from({ length: Number(marketCount) }, (_, id) => BigInt(id));
  let margins = 0n;
  for (const row of accounts) {
    const id = String(row.id) as Hex;
    const [stored, ...stands] = await Promise.all([
      slots.account(id),
      ...markets.map((market) => slots.position(id, market)),
    ]);
    for (const name of SUMS)
      differences.compare(`${name} of ${id}, of its rows`, numberOf(row, name), sums.of(`${id} ${name}`));
    const rebuilt = marginOf((name) => sums.of(`${id} ${name}`)) + numberOf(row, 'adjustments');
    differences.compare(`margin of ${id}`, numberOf(row, 'margin'), stored.margin);
    differences.compare(`margin of ${id}, rebuilt`, rebuilt, stored.margin);
    differences.compare(`markets of ${id}`, numberOf(row, 'openMarkets'), stored.markets);
    margins += stored.margin ?? 0n;
    for (const [market, slot] of stands.entries()) {
      const position = positions.get(`${id}-${market}`);
      for (const name of ['size', 'cash'] as const) {
        const told = position ? numberOf(position, name) : 0n;
        differences.compare(`${name} of ${id} in market ${market}`, told, slot[name]);
      }
      if (!position) continue;
      for (const name of ['checkpoint', 'generation'] as const)
        differences.compare(`${name} of ${id} in market ${market}`, numberOf(position, name), slot[name]);
    }
  }
  return margins;
}

const marginOf = (of: (name: (typeof SUMS)[number]) => bigint): bigint =>
  of('deposited') -
  of('withdrawn') +
  of('movedIn') -
  of('movedOut') +
  of('realised') -
  of('fees') -
  of('keeperFees') +
  of('credited') -
  of('penalties') -
  of('rewards') -
  of('crystallised');

/** What accounts come to by their transfers, changes of positions, orders and liquidations. */
async function rebuild(index: IndexState): Promise<Sums> {
  const sums = new Sums();
  const add = (row: Row, name: (typeof SUMS)[number], amount: bigint) =>
    sums.add(`${idOf(row, 'account')} ${name}`, amount);
  for (const row of await index.all('collateralTransfers', 'Bytes', 'account { id } kind amount')) {
    const name = TRANSFERS[String(row.kind)];
    if (!name) throw new Error(`A transfer is ${row.kind}.`);
    add(row, name, numberOf(row, 'amount'));
  }
  const changes = await index.all('positionChanges', 'Bytes', 'account { id } kind realised fundingReceived fee moved');
  for (const row of changes) {
    add(row, 'realised', numberOf(row, 'realised'));
    add(row, 'funding', numberOf(row, 'fundingReceived'));
    add(row, 'fees', numberOf(row, 'fee'));
    if (row.kind === 'crystallisation') add(row, 'crystallised', numberOf(row, 'moved') / RAW_PER_WAD);
  }
  for (const row of await index.all('orders', 'String', 'account { id } status keeperFee'))
    if (row.status !== 'released') add(row, 'keeperFees', numberOf(row, 'keeperFee'));
  for (const row of await index.all('liquidations', 'Bytes', 'account { id } reward penalty')) {
    add(row, 'rewards', numberOf(row, 'reward'));
    add(row, 'penalties', numberOf(row, 'penalty'));
  }
  return sums;
}

/**
 * The positions that are open, by account and market; size, cash and funding of each, closed ones too, as its changes have
 * left them.
 */
async function openPositions(index: IndexState, differences: Differences): Promise<Map<string, Row>> {
  const changes = await index.all(
    'positionChanges',
    'Bytes',
    'position { id } kind sizeDelta cost funding fundingReceived realised moved size cash sequence',
  );
  const byPosition = new Map<string, Row[]>();
  for (const row of changes) {
    const id = idOf(row, 'position');
    byPosition.set(id, [...(byPosition.get(id) ?? []), row]);
  }
  const selection = 'account { id } market { id } open size cash checkpoint generation realised fundingReceived fees';
  const open = new Map<string, Row>();
  for (const row of await index.all('positions', 'String', selection)) {
    // Changes of one event are in the order of their ids already.
    const life = (byPosition.get(String(row.id)) ?? []).toSorted((a, b) =>
      Number(numberOf(a, 'sequence') - numberOf(b, 'sequence')),
    );
    compareLife(row, life, differences);
    if (row.open === true) open.set(`${idOf(row, 'account')}-${idOf(row, 'market')}`, row);
  }
  return open;
}

/** A position's cash and funding, change by change. */
function compareLife(position: Row, changes: readonly Row[], differences: Differences): void {
  let [size, cash, funding, received, realised] = [0n, 0n, 0n, 0n, 0n];
  for (const change of changes) {
    const of = (name: string) => numberOf(change, name);
    const what = `of the change ${change.id}`;
    differences.compare(`funding ${what}`, of('fundingReceived'), -size * (of('funding') - funding));
    const expected = cash - of('cost') + of('sizeDelta') * of('funding') - of('realised') * RAW_PER_WAD + of('moved');
    // What a whole close rounds off is the pool's.
    const residue = of('size') === 0n ? expected - of('cash') : 0n;
    const isResidue = residue >= 0n && residue < RAW_PER_WAD;
    differences.compare(`cash ${what}`, of('cash'), isResidue ? of('cash') : expected);
    [size, cash, funding] = [of('size'), of('cash'), of('funding')];
    received += of('fundingReceived');
    realised += of('realised');
  }
  const { id } = position;
  differences.compare(`size of the position ${id}, of its changes`, numberOf(position, 'size'), size);
  differences.compare(`cash of the position ${id}, of its changes`, numberOf(position, 'cash'), cash);
  differences.compare(`funding of the position ${id}`, numberOf(position, 'fundingReceived'), received);
  differences.compare(`profit of the position ${id}`, numberOf(position, 'realised'), realised);
}
