import { toTidemarkError } from '@tidemark/sdk';
import { readConfig, USAGE } from './config.ts';
import type { KeeperEvent } from './events.ts';
import { startKeeper } from './keeper.ts';

const args = process.argv.slice(2);
try {
  if (args.includes('--help')) console.log(USAGE);
  else await keep();
} catch (error) {
  console.error(toTidemarkError(error).line);
  process.exitCode = 1;
}

async function keep(): Promise<void> {
  const { options, json } = readConfig(args, process.env);
  const onEvent = (event: KeeperEvent) => {
    if (json) console.log(toJson(event));
    else if (event.event !== 'turn') console.log(toLine(event));
  };
  const keeper = await startKeeper({ ...options, onEvent });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void keeper.stop());
}

function toJson(event: KeeperEvent): string {
  return JSON.stringify(event, (key, value) => {
    if (typeof value === 'bigint') return String(value);
    return key === 'why' ? value.line : value;
  });
}

function toLine(event: Exclude<KeeperEvent, { event: 'turn' }>): string {
  switch (event.event) {
    case 'started':
      return `keeper ${event.address} on chain ${event.chainId} at block ${event.block}`;
    case 'trouble':
      return `trouble: ${event.why.line}`;
    case 'source-lost':
      return `price service lost: ${event.why.line}`;
    case 'source-back':
      return `price service back: ${event.source}`;
    case 'rpc-lost':
      return `RPC lost: ${event.why.line}`;
    case 'rpc-back':
      return `RPC back: ${event.rpc}`;
    case 'reorg':
      return `reorganised from block ${event.from} to block ${event.to}`;
    case 'replaced':
      return `${event.action.key}: replaced ${event.hash} by ${event.by}`;
    case 'unprofitable':
    case 'would':
      return `${event.action.key}: ${event.event}, brings ${event.reward} and costs ${event.cost}`;
    case 'waiting': {
      const { proposal, waits, until } = event.waiting;
      return `proposal ${proposal} waits ${waits}, until ${new Date(Number(until) * 1000).toISOString()}, in ${until - event.now} s`;
    }
    case 'refused':
      return `${event.action.key}: ${event.why.line}`;
    case 'sending':
      return `${event.action.key}: sending`;
    case 'sent':
      return `${event.action.key}: sent ${event.hash}`;
    default:
      return `${event.action.key}: ${event.event} in block ${event.block}`;
  }
}
