import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect, startChain } from '../src/chain.ts';
import { freePort } from './stage.ts';

/** A chain without the exchange that moves only when told to. */
export async function setBareChain() {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-chain-'));
  const chain = await startChain(await freePort(), join(folder, 'chain.json'), 1_700_000_000);
  const admin = connect(chain.rpc, ACCOUNTS.admin);
  await admin.setAutomine(false);
  return {
    rpc: chain.rpc,
    admin,
    mine: () => admin.mine({ blocks: 1, interval: 2 }),
    end: async () => {
      await chain.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
