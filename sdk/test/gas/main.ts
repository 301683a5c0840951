// Where the gas of a trade goes: traces commit and settlement on the release bytecode and writes docs/gas.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Address as EvmAddress } from '@ethereumjs/util';
import { encodeFunctionData, type Hex, hexToBytes, toEventSelector } from 'viem';
import { MAX_LIMIT_PRICE, packOrder } from '../../src/math/orderWords.ts';
import { ENGINE_STORAGE, IMPLEMENTATION_SLOT, mapped, word } from '../../src/model/encodeStorage.ts';
import { accountOf } from '../../src/model/index.ts';
import { Chain } from '../differential/chain.ts';
import { SCENES } from '../differential/scenes.ts';
import { deploy, engineAbi, KEEPER, OWNERS, START, surroundChain } from '../differential/world.ts';
import { pages, type Traced } from './report.ts';
import { type Names, Tracer } from './tracer.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const root = fileURLToPath(new URL('../../..', import.meta.url));
const artifacts = `${root}contracts/out-release`;
const UNIT = 10n ** 12n;
const ONE = hexToBytes(word(1n));
const MARKET = 0n;
const TRADER = OWNERS[2];
/** It has margin and no position yet. */
const ACCOUNT = accountOf(TRADER, 1n);
/** Where the ring begins among a market's slots. */
const ITEMS = 13n;

const chain = await Chain.create(artifacts);
const { at } = await deploy(chain);
let time = START;
const scene = SCENES.map(([build]) => build()).find(({ name }) => name === 'quiet');
for (const step of scene?.steps ?? []) {
  time += step.wait;
  await surroundChain(chain, at, step, time);
  if (step.name) await chain.call(at.engine, engineAbi, step.name, step.args, step.sender, time);
}

const market = mapped(MARKET, ENGINE_STORAGE + 1n);
/** Each place of the ring has been used before, as after the first thousand batches. */
for (let i = 0n; i < 1024n; i++)
  await chain.state.putStorage(new EvmAddress(hexToBytes(at.engine)), hexToBytes(word(market + ITEMS + i)), ONE);

/** The contracts' names for the slots that a trade touches. */
function names(): Names {
  const slots = new Map<string, string>();
  const engine = (slot: bigint, name: string) => slots.set(`engine/${slot}`, name);
  engine(IMPLEMENTATION_SLOT, "proxy: the implementation's address");
  engine(mapped(accountOf(KEEPER), ENGINE_STORAGE), "the keeper's account");
  engine(mapped(ACCOUNT, ENGINE_STORAGE), "the trader's account");
  engine(mapped(ACCOUNT, ENGINE_STORAGE) + 2n + MARKET, "the trader's position");
  for (const [offset, name] of [
    [0n, 'market: open interest and clocks'],
    [1n, 'market: funding and index'],
    [2n, 'market: cash and skew'],
    [3n, "market's parameters"],
    [4n, "market's queue"],
  ] as const)
    engine(market + offset, name);
  for (let i = 0n; i < 1024n; i++) engine(market + ITEMS + i, "the batch's place in the ring");
  engine(ENGINE_STORAGE + 2n, 'pool');
  slots.set(`OneSlotOracle/${mapped(MARKET, 0n)}`, 'price');
  return {
    contracts: new Map([
      [at.engine.toLowerCase(), 'engine'],
      [at.implementation.toLowerCase(), 'DerivativesEngine'],
      [at.oracle.toLowerCase(), 'OneSlotOracle'],
    ]),
    slots,
    topics: new Map(
      engineAbi.flatMap((item) => (item.type === 'event' ? [[BigInt(toEventSelector(item)), item.name] as const] : [])),
    ),
  };
}

const tracer = new Tracer(chain, artifacts, names());

/** Gas of the call's data. */
const dataGas = (data: Hex) => hexToBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);

async function traced(label: string, functionName: string, args: readonly unknown[], from: Hex): Promise<Traced> {
  const calldata = dataGas(encodeFunctionData({ abi: engineAbi, functionName, args: args as unknown[] }));
  const items = await tracer.trace(async () => {
    const answer = await chain.call(at.engine, engineAbi, functionName, args, from, time);
    if ('refusal' in answer) throw new Error(`${functionName} was refused: ${answer.refusal.name}`);
  });
  return { label, calldata, items };
}

const orders = [packOrder({ account: ACCOUNT, sizeDelta: UNIT, limitPrice: MAX_LIMIT_PRICE })];
time += 70n;
const commit = await traced('Commit of one order', 'commit', [MARKET, orders], TRADER);
time += 3n;
const price = { market: MARKET, mid: 2000n * 10n ** 18n, publishTime: time, halfWidthBps: 5n, bandBps: 10n };
await surroundChain(chain, at, { name: '', sender: KEEPER, args: [], wait: 0n, prices: [price] }, time);
const settle = await traced('Settlement of an order that opens', 'settle', [MARKET, [orders], []], KEEPER);
const measured = JSON.parse(readFileSync(`${root}snapshots/gas.json`, 'utf8')) as Record<string, string>;
if (values.json) console.log(JSON.stringify({ commit, settle }));
else console.log(pages([commit, settle], measured));
const page = `${root}docs/gas.md`;
const [before] = readFileSync(page, 'utf8').split('<!-- traces:start -->');
const after = readFileSync(page, 'utf8').split('<!-- traces:end -->')[1];
writeFileSync(
  page,
  `${before}<!-- traces:start -->\n${pages([commit, settle], measured)}\n<!-- traces:end -->${after}`,
);
