import type { AbiEvent, Hex } from 'viem';
import { toEventSelector } from 'viem';
import type { Build, Code, EventHandler } from '../src/build/manifest.ts';
import { readSchema } from '../src/build/schema.ts';
import type { Mappings } from '../src/wasm/host.ts';
import { movedAbi } from './chainDouble.ts';

export const BOOK: Hex = '0x00000000000000000000000000000000000000b0';
export const OTHER_BOOK: Hex = '0x00000000000000000000000000000000000000b1';

const code: Code = { file: 'moves.wasm', wasm: new Uint8Array(), abis: new Map([['Book', movedAbi]]), entities: null };

const handlerOf = (name: 'Moved' | 'Opened'): EventHandler => {
  const event = movedAbi.find((one) => one.name === name) as AbiEvent;
  return { handler: name, event, topic0: toEventSelector(event), topics: [null, null, null], receipt: false };
};

const onChain = { kind: 'ethereum', network: 'devnet', code, blockHandlers: [] } as const;

/** The file to which whatever is moved by the key 7 refers. */
export const NOTE = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku';

/** A subgraph that sums up what is moved, in books that others may open. */
export const movesBuild: Build = {
  id: `0x${'ab'.repeat(32)}`,
  schema: readSchema('type Total @entity(immutable: false) { id: String! sum: BigInt! }'),
  dataSources: [
    {
      ...onChain,
      ...{ name: 'Book', address: BOOK, startBlock: 1n, endBlock: null, context: null },
      eventHandlers: [handlerOf('Moved'), handlerOf('Opened')],
    },
  ],
  templates: new Map([
    ['Book', { ...onChain, name: 'Book', eventHandlers: [handlerOf('Moved')] }],
    ['Note', { kind: 'file/ipfs', name: 'Note', network: 'devnet', code, handler: 'note' }],
  ]),
};

/** Its mappings, without wasm. */
export const movesMappings: Mappings = {
  run(handler, trigger, { store, dataSource, createDataSource }) {
    if (trigger.kind === 'file') {
      store.set('Note', dataSource.address, { id: dataSource.address, sum: BigInt(trigger.content.length) });
      return;
    }
    if (trigger.kind !== 'event') throw new Error('There are no handlers of blocks.');
    const [first, second] = trigger.arguments.map(({ value }) => value);
    if (handler === 'Opened') return createDataSource('Book', [first as string], null);
    if (first === 7n) createDataSource('Note', [NOTE], null);
    const id = `${trigger.address} ${first}`;
    const sum = (store.get('Total', id)?.sum ?? 0n) as bigint;
    store.set('Total', id, { id, sum: sum + (second as bigint) });
  },
};
