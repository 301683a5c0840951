import { readdirSync, readFileSync } from 'node:fs';
import type { Artifact, Chain } from '../differential/chain.ts';

// Where the gas of one call goes: every step of the interpreter, by the slot, the event or the source file it belongs to.

/** One line of the account. `gas` as charged, refunds apart. */
export interface Item {
  kind: 'call' | 'slot' | 'event' | 'lock' | 'code';
  name: string;
  gas: number;
}

interface Step {
  pc: number;
  opcode: { name: string; fee: number; dynamicFee?: bigint };
  stack: bigint[];
  address: { toString(): string };
  codeAddress?: { toString(): string };
}

interface Compiled extends Artifact {
  id: number;
  deployedBytecode: { object: string; sourceMap: string };
  metadata?: { settings?: { compilationTarget?: Record<string, string> } };
}

/** What the addresses, slots and topics of a call are called. */
export interface Names {
  /** Contracts by address in lower case. */
  contracts: Map<string, string>;
  /** Slots by the contract's name and the slot: `engine/123`. */
  slots: Map<string, string>;
  topics: Map<bigint, string>;
}

const PUSH1 = 0x60;
const PUSH32 = 0x7f;

/** The source file of every instruction, by its place in the code. */
function filesOf(compiled: Compiled, byId: Map<number, string>): Map<number, string> {
  const code = Buffer.from(compiled.deployedBytecode.object.slice(2), 'hex');
  const files = new Map<number, string>();
  let file = -1;
  let last = 'the compiler';
  let pc = 0;
  for (const entry of compiled.deployedBytecode.sourceMap.split(';')) {
    const given = entry.split(':')[2];
    if (given) file = Number(given);
    // What the compiler adds belongs to whatever it was added to.
    last = byId.get(file) ?? last;
    files.set(pc, last);
    const op = code[pc] ?? 0;
    pc += op >= PUSH1 && op <= PUSH32 ? op - PUSH1 + 2 : 1;
  }
  return files;
}

/** Traces calls on a chain whose contracts were compiled into `artifacts`. */
export class Tracer {
  private readonly maps = new Map<string, Map<number, string>>();
  private readonly byId = new Map<number, string>();

  constructor(
    private readonly chain: Chain,
    private readonly artifacts: string,
    private readonly names: Names,
  ) {
    for (const folder of readdirSync(artifacts).filter((name) => name.endsWith('.sol')))
      for (const file of readdirSync(`${artifacts}/${folder}`)) {
        const { id, metadata } = this.read(`${folder}/${file}`);
        const target = Object.keys(metadata?.settings?.compilationTarget ?? {})[0];
        if (target) this.byId.set(id, target.split('/').at(-1)?.replace('.sol', '') ?? target);
      }
  }

  private read(path: string): Compiled {
    return JSON.parse(readFileSync(`${this.artifacts}/${path}`, 'utf8'));
  }

  private fileOf(contract: string, pc: number): string {
    let map = this.maps.get(contract);
    if (!map) {
      map = filesOf(this.read(`${contract}.sol/${contract}.json`), this.byId);
      this.maps.set(contract, map);
    }
    return map.get(pc) ?? 'the compiler';
  }

  /** @returns What `call` cost, the dearest first. */
  async trace(call: () => Promise<unknown>): Promise<Item[]> {
    const items = new Map<string, Item>();
    const add = (kind: Item['kind'], name: string, gas: number) => {
      const item = items.get(`${kind} ${name}`) ?? { kind, name, gas: 0 };
      item.gas += gas;
      items.set(`${kind} ${name}`, item);
    };
    await this.chain.watch((step) => this.attribute(step as Step, add), call);
    return [...items.values()].sort((a, b) => b.gas - a.gas);
  }

  private attribute(step: Step, add: (kind: Item['kind'], name: string, gas: number) => void): void {
    const { opcode, stack } = step;
    const gas = Number(opcode.dynamicFee ?? opcode.fee);
    const home = this.names.contracts.get(step.address.toString().toLowerCase()) ?? 'another contract';
    const contract = this.names.contracts.get((step.codeAddress ?? step.address).toString().toLowerCase()) ?? home;
    const top = stack.at(-1) ?? 0n;
    if (opcode.name === 'SLOAD' || opcode.name === 'SSTORE')
      add('slot', this.names.slots.get(`${home}/${top}`) ?? `${home}, another slot`, gas);
    else if (opcode.name === 'TLOAD' || opcode.name === 'TSTORE') add('lock', 'the lock, transient', gas);
    else if (opcode.name.startsWith('LOG')) {
      const topic = stack.at(-3) ?? 0n;
      add('event', this.names.topics.get(topic) ?? 'another event', gas);
    } else if (opcode.name.endsWith('CALL')) {
      const to = `0x${(stack.at(-2) ?? 0n).toString(16).padStart(40, '0')}`;
      add('call', `to ${this.names.contracts.get(to) ?? to}`, gas);
    } else add('code', contract === 'DerivativesEngine' ? this.fileOf(contract, step.pc) : contract, gas);
  }
}
