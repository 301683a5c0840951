import { fileURLToPath } from 'node:url';
import type { Deployment } from '@tidemark/deploy';
import type { Address, Hex } from 'viem';
import { readBuild } from '../../indexer/src/build/readBuild.ts';
import { Chain, type Emitted } from '../../sdk/test/differential/chain.ts';
import { step } from '../../sdk/test/differential/compare.ts';
import { nextOperation } from '../../sdk/test/differential/generate.ts';
import { Random } from '../../sdk/test/differential/random.ts';
import { SCENES } from '../../sdk/test/differential/scenes.ts';
import { deploy, START, signed, type World } from '../../sdk/test/differential/world.ts';
import { buildSubgraph } from '../scripts/index.ts';
import { Replay } from './replay.ts';

const artifacts = fileURLToPath(new URL('../../contracts/out', import.meta.url));
const OTHER: Address = `0x${'99'.repeat(20)}`;

/** What handlers are told that are not of the engine or the vault is nothing here. */
const elsewhere = { token: OTHER, timelock: OTHER, governor: OTHER, policy: OTHER, treasury: OTHER };

/** Builds the subgraph for an engine and a vault, without the rest of an exchange. */
export async function buildFor(engine: Address, vault: Address, into: string) {
  const governance = { ...elsewhere, emergencyGuardian: OTHER, riskSteward: OTHER };
  const deployment = { engine, vault, oracle: OTHER, governance } as unknown as Deployment;
  return readBuild(await buildSubgraph({ deployment, network: 'devnet', startBlock: 0n, into }));
}

/** A random history of the contracts, told to the mappings call by call. */
export interface History {
  readonly replay: Replay;
  readonly world: World;
}

/**
 * Takes a scene's steps and then random ones, on the contracts' bytecode.
 * @param scene By its place in the differential fuzz.
 */
export async function history(scene: number, seed: number, operations: number, into: string): Promise<History> {
  const told: { logs: readonly Emitted[]; time: bigint }[] = [];
  const chain = await Chain.create(artifacts, { onLogs: (logs, time) => void told.push({ logs, time }) });
  let { at, world } = await deploy(chain);
  const build = await buildFor(at.engine, at.vault, into);
  const replay = new Replay(build, ({ functionName, arguments: [market] }) => {
    if (functionName !== 'getMarket') return null;
    const { longs, shorts, accruedAt, indexAt, funding, index, fundingRate, cash, skewSeconds } =
      world.engine.markets.get(market as bigint) ?? NOTHING;
    return [[longs, shorts, accruedAt, indexAt, funding, index, fundingRate, cash, skewSeconds]];
  });
  const tell = () => {
    for (const { logs, time } of told.splice(0)) {
      replay.transaction(time, logs as readonly { address: Hex; topics: readonly Hex[]; data: Hex }[]);
    }
  };
  const { steps, focus } = (SCENES[scene] as (typeof SCENES)[number])[0]();
  const random = new Random(seed);
  const mood = { volatility: random.pick([0.002, 0.01, 0.05]) };
  for (let i = 0; i < steps.length + operations; i++) {
    const op = steps[i] ?? (await signed(nextOperation(random, world, mood, focus), at.engine));
    ({ world } = await step(chain, at, world, op, { storage: false }));
    tell();
  }
  return { replay, world };
}

const NOTHING = {
  ...{ longs: 0n, shorts: 0n, accruedAt: START, indexAt: 0n, funding: 0n, index: 0n, fundingRate: 0n, cash: 0n },
  skewSeconds: 0n,
};
