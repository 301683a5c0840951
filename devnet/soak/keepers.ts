import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROLES, type Role } from '@tidemark/keeper';
import type { Address, Hex } from 'viem';
import type { Gate } from '../test/gate.ts';
import { Mortal, type Told } from '../test/mortal.ts';
import type { World } from './world.ts';

const MAIN = fileURLToPath(new URL('../../keeper/src/main.ts', import.meta.url));

/** A keeper in a process of its own, behind gates of its own. */
export interface RunningKeeper {
  readonly name: string;
  readonly address: Address;
  readonly process: Mortal;
  /** One for each of its RPCs, the preferred one first. */
  readonly gates: readonly Gate[];
  /** The last block whose turn it has told. */
  turn(): bigint;
  end(): Promise<void>;
}

export interface KeeperPlan {
  readonly name: string;
  /** Ways to the chain that fail apart. */
  readonly rpcs: number;
  /** Roles that are switched off. */
  readonly without: readonly Role[];
  /** Milliseconds between two looks at the chain. */
  readonly pollMs: number;
  /** Whether it acts at a loss too. */
  readonly atLoss: boolean;
  /** Folder for what it tells; nothing is kept when absent. */
  readonly log: string | undefined;
}

/** All that a keeper is told at its command line. */
function commandLine(world: World, rpcs: readonly string[], { without, pollMs, atLoss }: KeeperPlan): string[] {
  const { deployment, prices } = world.stage;
  const { engine, riskManager, vault } = deployment;
  const roles = ROLES.filter((role) => !without.includes(role));
  return [
    MAIN,
    ...rpcs.flatMap((rpc) => ['--rpc', rpc]),
    ...['--engine', engine, '--risk-manager', riskManager, '--vault', vault, '--prices', prices],
    ...['--orders', world.orders.url],
    ...['--roles', roles.join(','), ...(atLoss ? ['--at-loss', 'all'] : [])],
    ...['--poll', `${pollMs}`, '--json'],
  ];
}

/** @param shared The gate that it shares with others, in the place of its own. */
export async function startKeeper(world: World, plan: KeeperPlan, shared?: Gate): Promise<RunningKeeper> {
  const gates = shared ? [shared] : await Promise.all(Array.from({ length: plan.rpcs }, () => world.way()));
  const { key, address } = await world.fundedKey(`keeper ${plan.name}`);
  const command = commandLine(
    world,
    gates.map(({ url }) => url),
    plan,
  );
  const log = plan.log ? createWriteStream(join(plan.log, `keeper-${plan.name}.jsonl`)) : undefined;
  let turn = world.stage.block;
  const onTold = (told: Told) => {
    log?.write(`${JSON.stringify(told)}\n`);
    if (told.event === 'turn' && told.block !== undefined) turn = BigInt(told.block);
  };
  const env: Readonly<Record<string, Hex>> = { TIDEMARK_KEEPER_KEY: key };
  const process = new Mortal(command, env, onTold);
  await process.start();
  return {
    name: plan.name,
    address,
    process,
    gates,
    turn: () => turn,
    async end() {
      await process.kill();
      if (!shared) for (const gate of gates) await gate.end();
      log?.end();
    },
  };
}
