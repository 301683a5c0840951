import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { accountId } from '@tidemark/sdk';
import { type Client, createClient } from 'graphql-ws';
import { numberToHex } from 'viem';
import { WebSocket } from 'ws';
import { percentile } from './percentile.ts';
import type { RunningNode } from './rpc/start.ts';
import type { SyncSettings } from './sync.ts';

const SUBSCRIBERS = 200;
/** Of one connection. */
const SHARED = 50;
/** Milliseconds between two blocks. */
const PACE = 1_000;
const script = fileURLToPath(new URL('serveProcess.ts', import.meta.url));
const META = '_meta { block { number } }';

/** What pages subscribe to; accounts each to its own, so that most are nobody else's. */
function documentOf(number: number): string {
  const market = number % 4;
  switch (number % 5) {
    case 0:
      return `subscription { ${META} markets(first: 64, orderBy: number) { id index mark longs shorts fundingRate volume } }`;
    case 1:
      return `subscription { ${META} trades(where: { market: "${market}" }, orderBy: sequence, orderDirection: desc, first: 50) { id side sizeDelta price timestamp } }`;
    case 2:
      return `subscription { ${META} candles(where: { market: "${market}", interval: minute }, orderBy: start, orderDirection: desc, first: 100) { start open high low close volume } }`;
    default: {
      const account = accountId(numberToHex(0x10_000 + number, { size: 20 }));
      return `subscription { ${META} account(id: "${account}") { margin positions(where: { open: true }) { id size cash market { id index } } orders(where: { status: committed }) { id sizeDelta } } }`;
    }
  }
}

export interface Delivery {
  readonly subscribers: number;
  readonly blocks: number;
  /** Results that came, of blocks times subscribers. */
  readonly results: number;
  /** From the block's appearance at the node to the result at the subscriber, milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

/** @param blocks That appear, one after the other, after the last one of the settings, all with subscribers listening. */
export async function measureDelivery(node: RunningNode, settings: SyncSettings, blocks: number): Promise<Delivery> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = await once(createInterface(child.stdout), 'line');
  const url = `ws://127.0.0.1:${JSON.parse(line).port}/graphql`;
  const appeared = new Map<number, number>();
  const times: number[] = [];
  const first: Promise<void>[] = [];
  const clients: Client[] = [];
  for (let number = 0; number < SUBSCRIBERS; number++) {
    if (number % SHARED === 0)
      clients.push(createClient({ url, webSocketImpl: WebSocket, lazy: false, retryAttempts: 0 }));
    const client = clients.at(-1) as Client;
    first.push(
      new Promise((resolve, reject) => {
        client.subscribe<{ _meta: { block: { number: number } } }>(
          { query: documentOf(number) },
          {
            next: ({ data, errors }) => {
              if (!data) return reject(new Error(errors?.[0]?.message));
              const since = appeared.get(data._meta.block.number);
              if (since !== undefined) times.push(performance.now() - since);
              resolve();
            },
            error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
            complete: () => {},
          },
        );
      }),
    );
  }
  await Promise.all(first);
  for (let block = settings.last + 1; block <= settings.last + blocks; block++) {
    appeared.set(block, performance.now());
    await node.setHead(block);
    await pause(PACE);
  }
  for (const client of clients) client.dispose();
  child.stdin.end();
  await exited;
  return {
    ...{ subscribers: SUBSCRIBERS, blocks, results: times.length },
    ...{ p50: percentile(times, 0.5), p95: percentile(times, 0.95) },
  };
}
