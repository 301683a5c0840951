import { readFileSync } from 'node:fs';
import { onChain, type TidemarkError, toTidemarkError } from '@tidemark/sdk';
import { createClient, fallback, type Hash, http, TransactionReceiptNotFoundError } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { getTransactionReceipt } from 'viem/actions';
import type { Action } from './actions.ts';
import { decryptKeystore } from './chain/keystore.ts';
import { remoteSigner, type Signer } from './chain/signers.ts';
import type { Config, SignerSettings } from './config.ts';
import { KeeperSettingError } from './errors.ts';
import type { KeeperEvent } from './events.ts';
import { startKeeper } from './keeper.ts';
import type { Snapshot } from './snapshot.ts';
import { Journal } from './telemetry/journal.ts';
import { makeLog } from './telemetry/log.ts';
import { Readings } from './telemetry/readings.ts';
import { serveTelemetry, type TelemetryServer } from './telemetry/server.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { OrderBook } from './triggers/orderBook.ts';

/** Blocks after a reorg at which the journal is corrected: by then what comes back has come back. */
const SETTLED_AFTER = 10n;

/** A keeper with all that tells of it. */
export interface Running {
  readonly telemetry: Telemetry;
  /** Where metrics are served; null when they are not. */
  readonly port: number | null;
  stop(): Promise<void>;
}

/**
 * Runs the keeper that a command line asks for, with its log, journal and metrics.
 * @param write Takes the lines of its log.
 * @throws {TidemarkError} as {@link startKeeper}, and when the key, the journal or the port cannot be had.
 */
export async function run(config: Config, write: (line: string) => void): Promise<Running> {
  const { options, maxAge } = config;
  const log = makeLog({ ...config.log, secrets: config.secrets, write });
  const signer = await openSigner(config.signer);
  const transport = fallback(options.rpcs.map((url) => http(url, { batch: true, retryCount: 0, timeout: 5_000 })));
  // Named, since chains that charge calls for L1 data take none of an empty account.
  const client = createClient({ transport, account: signer.address, cacheTime: 0 });
  const trouble = (why: TidemarkError) => onEvent({ event: 'trouble', why });
  const telemetry = new Telemetry({
    readings: new Readings({ ...options, client, keeper: signer.address }),
    roles: options.roles,
    rpcs: options.rpcs.map(originOf),
    priceSources: options.prices.map(({ url }) => originOf(url)),
    orderServices: config.orders.map(originOf),
    etherPrice: options.etherPrice ?? 0n,
    maxAge,
    onTrouble: trouble,
  });
  const journal = config.journal === null ? null : new Journal(config.journal);
  let correctAt: bigint | undefined;
  let correcting: Promise<void> = Promise.resolve();

  function onEvent(event: KeeperEvent): void {
    log(event);
    telemetry.onEvent(event);
    if (event.event === 'reorg') correctAt = (event.from > event.to ? event.from : event.to) + SETTLED_AFTER;
    try {
      journal?.onEvent(event, telemetry.time, telemetry.ethPrice);
    } catch (error) {
      // A full disk does not keep orders from being settled.
      trouble(toTidemarkError(error));
    }
  }

  function onSnapshot(snapshot: Snapshot, actions: readonly Action[]): void {
    telemetry.onSnapshot(snapshot, actions);
    if (correctAt === undefined || snapshot.block < correctAt) return;
    correctAt = undefined;
    correcting = correcting.then(() => journal?.correct(blockOf)).catch((error) => trouble(toTidemarkError(error)));
  }

  const blockOf = (hash: Hash) =>
    onChain(() => getTransactionReceipt(client, { hash })).then(
      ({ blockNumber }) => blockNumber,
      (error) => {
        if (error.walk?.((one: unknown) => one instanceof TransactionReceiptNotFoundError)) return null;
        throw error;
      },
    );

  let server: TelemetryServer | null = null;
  let orders: OrderBook | null = null;
  const end = async () => {
    await orders?.close();
    await telemetry.idle();
    await correcting;
    journal?.close();
    await server?.close();
  };
  try {
    if (config.metrics) server = await serveTelemetry(telemetry, config.metrics);
    if (options.roles.includes('trigger')) {
      const { engine, startBlock = 0n, pollMs } = options;
      const services = config.orders.map((one) => ({ url: one }));
      const told = { onEvent, onTrouble: trouble };
      orders = await OrderBook.open({ client, engine, services, startBlock, ...(pollMs && { pollMs }), ...told });
    }
    const keeper = await startKeeper({ ...options, signer, ...(orders && { orders }), onEvent, onSnapshot });
    return { telemetry, port: server?.port ?? null, stop: () => keeper.stop().then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}

const originOf = (url: string): string => new URL(url).origin;

async function openSigner(settings: SignerSettings): Promise<Signer> {
  switch (settings.kind) {
    case 'key':
      return privateKeyToAccount(settings.privateKey);
    case 'keystore':
      return privateKeyToAccount(await decryptKeystore(contentOf(settings.file), settings.password));
    case 'remote':
      return remoteSigner(settings);
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new KeeperSettingError('The keystore cannot be read.', { next: 'Check its path and rights.' });
  }
}
