// The process that `kill.ts` kills: indexes the double's chain into a folder, and tells each write.
import { openDatabase } from '@tidemark/database';
import { Chain } from '../src/chain/chain.ts';
import { Files } from '../src/ipfs/files.ts';
import { Indexing } from '../src/run/indexing.ts';
import { openStore } from '../src/store/openStore.ts';
import { movesBuild, movesMappings } from './movesBuild.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const tell = (event: object) => console.log(JSON.stringify(event));
const onWarning = (why: string) => tell({ event: 'warning', why });

const { id, schema } = movesBuild;
const store = await openStore({ database: await openDatabase({ folder }, 'indexer'), schema, id });
const indexing = new Indexing({
  ...{ build: movesBuild, store, mappings: () => movesMappings, pollMs: 5, onWarning, onLog: () => {} },
  chain: new Chain({ urls: [url], onWarning }),
  files: new Files({ get: async () => new Uint8Array() }, onWarning),
  onProgress: ({ block }) => tell({ event: 'written', block: `${block}` }),
});
tell({ event: 'started' });
indexing.start();
