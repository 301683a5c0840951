import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '@tidemark/deploy';
import { buildSubgraph } from '@tidemark/subgraph';
import { type Address, numberToHex } from 'viem';
import { parse, stringify } from 'yaml';
import { CHAIN_ID, ENGINE, HANDLED_BY_BOTH } from './rpc/chain.ts';

/** Besides: without them a market is unknown. */
const PREPARING = ['MarketListed', 'MarketConfigured'];

/** Each contract its own address; none but the engine tells anything. */
function deployment(): Deployment {
  let next = 0xc0;
  const address = (): Address => numberToHex(next++, { size: 20 });
  return {
    ...{ chainId: CHAIN_ID, engine: ENGINE, oracle: address(), riskManager: address(), vault: address() },
    ...{ pyth: address(), uptimeFeed: null, usdc: address(), usdcFeed: null, code: {}, markets: [] },
    governance: {
      ...{ token: address(), timelock: address(), governor: address(), policy: address(), validator: address() },
      ...{ postConditions: address(), treasury: address(), emergencyGuardian: address(), riskSteward: address() },
      ...{ guardian: address(), council: address(), steward: address() },
    },
  };
}

/** The subgraph, built for the chain of the bench. */
export interface Built {
  readonly whole: string;
  /** With the handlers of those events alone that Ponder's project handles. */
  readonly cut: string;
  remove(): void;
}

export async function buildForBench(): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const target = { deployment: deployment(), network: 'bench', startBlock: 1n };
  const whole = await buildSubgraph({ ...target, into: join(folder, 'whole') });
  const cut = await buildSubgraph({ ...target, into: join(folder, 'cut') });
  const file = join(cut, 'subgraph.yaml');
  const manifest = parse(readFileSync(file, 'utf8'));
  const source = manifest.dataSources.find(({ name }: { name: string }) => name === 'DerivativesEngine');
  source.mapping.eventHandlers = source.mapping.eventHandlers.filter(({ event }: { event: string }) =>
    [...HANDLED_BY_BOTH, ...PREPARING].includes(event.slice(0, event.indexOf('('))),
  );
  writeFileSync(file, stringify({ ...manifest, dataSources: [source] }));
  return { whole, cut, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
