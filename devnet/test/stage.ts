import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '@tidemark/deploy';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect, startChain } from '../src/chain.ts';
import { makeExchange, PREPARATION, type State } from '../src/exchange.ts';
import type { Faults } from '../src/faults/faults.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { startPriceServer } from '../src/server/priceServer.ts';

/** The whole exchange on a chain that moves only when told to, with prices but without keeper and feeder. */
export interface Stage {
  readonly rpc: string;
  readonly prices: string;
  /** Of the price service. */
  readonly faults: Faults;
  readonly state: State;
  readonly stateFile: string;
  readonly deployment: Deployment;
  readonly admin: ReturnType<typeof connect>;
  /** The last block. */
  readonly block: bigint;
  /** Its time, seconds. */
  readonly now: bigint;
  /** Makes a block, 2 s later unless told. */
  mine(seconds?: bigint): Promise<void>;
  /**
   * Keeps the chain as it is; faults are not kept, and no transaction may wait.
   * @returns Brings it back to that, any number of times, unless it was brought back to something kept earlier.
   */
  keep(): Promise<() => Promise<void>>;
  end(): Promise<void>;
}

/** A free port below those that systems give to outgoing connections, so that it stays free until it is used again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** @param kept Whether the chain's state is written beside; not for thousands of blocks. */
export async function setStage(source: PriceSource, kept = true): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-stage-'));
  const ending: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const end = async () => {
    for (const step of ending.splice(0).reverse()) await step();
  };
  try {
    const chain = await startChain(await freePort(), join(folder, 'chain.json'), source.start - PREPARATION, kept);
    ending.push(() => chain.stop());
    const state = await makeExchange(chain.rpc, source, source.symbols, () => {});
    const { deployment } = state;
    const stateFile = join(folder, 'state.json');
    writeFileSync(stateFile, JSON.stringify(state));
    const admin = connect(chain.rpc, ACCOUNTS.admin);
    await admin.setAutomine(false);
    let { number: block, timestamp: now } = await admin.getBlock();
    const server = await startPriceServer({
      port: 0,
      source,
      feeds: Object.fromEntries(deployment.markets.map(({ symbol, feedId }) => [symbol, feedId])),
      now: () => Number(now),
    });
    ending.push(() => server.close());
    return {
      rpc: chain.rpc,
      prices: `http://127.0.0.1:${server.port}`,
      faults: server.faults,
      state,
      stateFile,
      deployment,
      admin,
      get block() {
        return block;
      },
      get now() {
        return now;
      },
      async mine(seconds = 2n) {
        now += seconds;
        await admin.request({ method: 'evm_mine', params: [{ timestamp: Number(now) }] } as never);
        block++;
      },
      async keep() {
        const kept = { block, now };
        let id = await admin.snapshot();
        return async () => {
          await admin.request({ method: 'anvil_dropAllTransactions' } as never);
          await admin.revert({ id });
          id = await admin.snapshot();
          ({ block, now } = kept);
        };
      },
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
