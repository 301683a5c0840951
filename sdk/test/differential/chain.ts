import { readFileSync } from 'node:fs';
import { Common, type CustomCrypto, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM } from '@ethereumjs/evm';
import { Address as EvmAddress, ecrecover, intToBytes, setLengthLeft } from '@ethereumjs/util';
import {
  type Abi,
  type Address,
  bytesToHex,
  concatHex,
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  parseAbi,
} from 'viem';
import { derivativesEngineAbi, liquidityVaultAbi } from '../../src/abi/index.ts';
import { MemoryState } from './memoryState.ts';

const ERRORS: Abi = [
  ...derivativesEngineAbi.filter((item) => item.type === 'error'),
  ...liquidityVaultAbi.filter((item) => item.type === 'error'),
  ...parseAbi(['error NoPrice()', 'error CashOutOfRange(int256 cash)']),
];

export interface Artifact {
  abi: Abi;
  bytecode: { object: Hex; linkReferences?: Record<string, Record<string, { start: number }[]>> };
}

/** A custom error as both sides can be compared by: numbers as bigint, addresses in lower case. */
export interface Refusal {
  name: string;
  args: (bigint | boolean | string)[];
}

export interface Log {
  topics: Hex[];
  data: Hex;
}

/** What a call logged. */
export interface Emitted extends Log {
  address: Address;
}

export function normalise(value: unknown): bigint | boolean | string {
  if (typeof value === 'number') return BigInt(value);
  return typeof value === 'string' ? value.toLowerCase() : (value as bigint | boolean);
}

/** What a chain is made with, besides its contracts. */
export interface ChainOptions {
  chainId?: number;
  /** Errors that its contracts are known to throw: engine's and vault's when left out. */
  errors?: Abi;
  /** Recovers the signer of each signature once: for calls that bring the same ones again and again. */
  remembersSigners?: boolean;
  /** Of every block: which of the mutants in a build is in force. */
  prevRandao?: number;
  /** Told what each call logs that counts, in its order. @param time Seconds. */
  onLogs?: (logs: readonly Emitted[], time: bigint) => void;
}

interface Analyst {
  _getValidJumpDestinations(code: Uint8Array): unknown;
}

/** Lets the interpreter analyse each contract's jumps once instead of at every call: half of all time otherwise. */
function rememberJumps(runState: { interpreter: unknown }): void {
  const prototype = Object.getPrototypeOf(runState.interpreter) as Analyst & { remembers?: true };
  if (prototype.remembers) return;
  const analyse = prototype._getValidJumpDestinations;
  const known = new WeakMap<Uint8Array, unknown>();
  prototype.remembers = true;
  prototype._getValidJumpDestinations = function (this: Analyst, code: Uint8Array) {
    const found = known.get(code) ?? analyse.call(this, code);
    known.set(code, found);
    return found;
  };
}

type Ecrecover = NonNullable<CustomCrypto['ecrecover']>;

/** The library's own, its answers and refusals remembered. */
function remembering(): Ecrecover {
  const known = new Map<string, Uint8Array | Error>();
  return (digest, v, r, s) => {
    const key = `${bytesToHex(digest)}${bytesToHex(r)}${bytesToHex(s)}${v}`;
    let found = known.get(key);
    if (!found) {
      try {
        found = ecrecover(digest, v, r, s);
      } catch (error) {
        found = error as Error;
      }
      known.set(key, found);
    }
    if (found instanceof Error) throw found;
    return found;
  };
}

const emitted = ([address, topics, data]: [Uint8Array, Uint8Array[], Uint8Array]): Emitted => ({
  address: bytesToHex(address),
  topics: topics.map((topic) => bytesToHex(topic)),
  data: bytesToHex(data),
});

/** The contracts' own bytecode on an EVM in this process. */
export class Chain {
  private constructor(
    private readonly evm: EVM,
    readonly state: MemoryState,
    private readonly artifacts: string,
    private readonly errors: Abi,
    private readonly prevRandao: Uint8Array,
    private readonly onLogs: ChainOptions['onLogs'],
  ) {}

  /** @param artifacts Folder of forge's output. */
  static async create(artifacts: string, options: ChainOptions = {}): Promise<Chain> {
    const { chainId = Mainnet.chainId, errors = ERRORS, remembersSigners = false, prevRandao = 0 } = options;
    const state = new MemoryState();
    const customCrypto = remembersSigners ? { ecrecover: remembering() } : {};
    const common = new Common({ chain: { ...Mainnet, chainId }, hardfork: Hardfork.Prague, customCrypto });
    // The interpreter asks at every step; the library's answer searches a list.
    const active = new Set(Array.from({ length: 10_000 }, (_, eip) => eip).filter((eip) => common.isActivatedEIP(eip)));
    common.isActivatedEIP = (eip) => active.has(eip);
    const evm = await createEVM({
      common,
      customOpcodes: [{ opcode: 0x0c, opcodeName: 'ANALYSE', baseFee: 0, logicFunction: rememberJumps }],
      stateManager: state,
      allowUnlimitedContractSize: true,
      allowUnlimitedInitCodeSize: true,
    });
    await evm.runCode({ code: new Uint8Array([0x0c, 0x00]), gasLimit: 100n });
    return new Chain(evm, state, artifacts, errors, setLengthLeft(intToBytes(prevRandao), 32), options.onLogs);
  }

  private readonly abis = new Map<string, Abi>();

  /** A contract's ABI, read once. @param file Name of its source when it is another. */
  artifactAbi(name: string, file = name): Abi {
    const abi = this.abis.get(name) ?? this.artifact(name, file).abi;
    this.abis.set(name, abi);
    return abi;
  }

  artifact(name: string, file = name): Artifact {
    return JSON.parse(readFileSync(`${this.artifacts}/${file}.sol/${name}.json`, 'utf8'));
  }

  async deploy(name: string, args: readonly unknown[], time: bigint, file = name): Promise<Address> {
    const { abi, bytecode } = this.artifact(name, file);
    const data = encodeDeployData({ abi, bytecode: await this.linked(bytecode, time), args: args as unknown[] });
    const { execResult, createdAddress } = await this.run(undefined, `0x${'11'.repeat(20)}`, data, time, 0n);
    if (execResult.exceptionError || !createdAddress)
      throw new Error(`${name} was not deployed: ${execResult.exceptionError?.error}`);
    return createdAddress.toString() as Address;
  }

  private readonly libraries = new Map<string, Address>();

  /** Bytecode with the addresses of its libraries, which are deployed when first needed. */
  private async linked({ object, linkReferences }: Artifact['bytecode'], time: bigint): Promise<Hex> {
    let code = object.slice(2);
    for (const library of Object.values(linkReferences ?? {}))
      for (const [name, places] of Object.entries(library)) {
        const address = this.libraries.get(name) ?? (await this.deploy(name, [], time));
        this.libraries.set(name, address);
        for (const { start } of places)
          code = code.slice(0, 2 * start) + address.slice(2) + code.slice(2 * (start + 20));
      }
    return `0x${code}`;
  }

  private async run(to: Address | undefined, from: Address, data: Hex, time: bigint, value: bigint) {
    // What one call warmed is nothing to the next, and would be kept for ever.
    this.evm.journal.cleanJournal();
    this.evm.transientStorage.clear();
    const result = await this.evm.runCall({
      to: to && new EvmAddress(hexToBytes(to)),
      caller: new EvmAddress(hexToBytes(from)),
      data: hexToBytes(data),
      gasLimit: 500_000_000n,
      value,
      skipBalance: true,
      block: {
        header: {
          number: 1n,
          coinbase: new EvmAddress(new Uint8Array(20)),
          timestamp: time,
          difficulty: 0n,
          prevRandao: this.prevRandao,
          gasLimit: 1_000_000_000n,
          baseFeePerGas: 0n,
          getBlobGasPrice: () => undefined,
        },
      } as never,
    });
    const { exceptionError, logs = [] } = result.execResult;
    if (!exceptionError && logs.length > 0) this.onLogs?.(logs.map(emitted), time);
    return result;
  }

  /** Puts code at an address. */
  place(address: Address, code: Hex): Promise<void> {
    return this.state.putCode(new EvmAddress(hexToBytes(address)), hexToBytes(code));
  }

  /** Writes a word of an address's storage. */
  putWord(address: Address, slot: Hex, word: Hex): Promise<void> {
    return this.state.putStorage(new EvmAddress(hexToBytes(address)), hexToBytes(slot), hexToBytes(word));
  }

  /** Calls and keeps what it changed. @returns The decoded result and the logs, or the error. */
  async call(
    to: Address,
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
    from: Address,
    time: bigint,
    value = 0n,
  ): Promise<{ result: unknown; logs: Log[] } | { refusal: Refusal }> {
    const data = encodeFunctionData({ abi, functionName, args: args as unknown[] });
    const { execResult } = await this.run(to, from, data, time, value);
    const returned = bytesToHex(execResult.returnValue);
    if (!execResult.exceptionError)
      return {
        result: returned === '0x' ? undefined : decodeFunctionResult({ abi, functionName, data: returned }),
        logs: (execResult.logs ?? []).map(emitted),
      };
    if (returned === '0x') return { refusal: { name: `no data: ${execResult.exceptionError.error}`, args: [] } };
    const { errorName, args: given } = decodeErrorResult({ abi: this.errors, data: concatHex([returned]) });
    return { refusal: { name: errorName, args: ((given ?? []) as readonly unknown[]).map(normalise) } };
  }

  /** Shows every step of the interpreter during a call. */
  async watch(onStep: (step: unknown) => void, call: () => Promise<unknown>): Promise<void> {
    const listener = (step: unknown, resolve?: () => void) => {
      onStep(step);
      resolve?.();
    };
    this.evm.events?.on('step', listener);
    try {
      await call();
    } finally {
      this.evm.events?.off('step', listener);
    }
  }

  /** Every word of an address that is not zero. */
  storageOf(address: Address): Map<bigint, bigint> {
    const words = new Map<bigint, bigint>();
    for (const [slot, bytes] of this.state.wordsOf(address)) {
      const word = this.numberOf(bytes);
      if (word !== 0n) words.set(this.slotOf(slot), word);
    }
    return words;
  }

  private readonly numbers = new WeakMap<Uint8Array, bigint>();
  private readonly slots = new Map<string, bigint>();

  private numberOf(bytes: Uint8Array): bigint {
    let number = this.numbers.get(bytes);
    if (number === undefined) {
      number = bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes));
      this.numbers.set(bytes, number);
    }
    return number;
  }

  private slotOf(key: string): bigint {
    let slot = this.slots.get(key);
    if (slot === undefined) {
      slot = BigInt(key);
      this.slots.set(key, slot);
    }
    return slot;
  }
}
