import { type AbiFunction, type Hex, keccak256 } from 'viem';
import type { Code } from '../build/manifest.ts';
import type { Schema } from '../build/schema.ts';
import { decode, encode, signatureOf } from './abi.ts';
import { readContext, writeContext } from './contexts.ts';
import { readEntity, typeOf, writeEntity } from './entities.ts';
import { plain, readToken, writeAbiValue } from './ethereum.ts';
import type { Heap } from './heap.ts';
import { type AbiValue, HandlerFailed, type Host } from './host.ts';
import { parseJson, writeJson } from './json.ts';
import { numberFunctions, parseInteger } from './numbers.ts';

/** What a run may use. */
export interface Context {
  readonly host: Host;
  readonly schema: Schema;
  readonly code: Code;
}

// biome-ignore lint/suspicious/noExplicitAny: what a wasm import takes and gives back depends on its name.
export type HostFunction = (...values: any[]) => unknown;

const LOG_LEVELS = ['critical', 'error', 'warning', 'info', 'debug'] as const;

/**
 * Every function of the host that handlers may import, by its name.
 * @param context Of the run at hand. @throws {HandlerFailed} outside a run.
 */
export function hostFunctions(heap: Heap, context: () => Context): ReadonlyMap<string, HostFunction> {
  return new Map<string, HostFunction>([
    ['abort', abort(heap)],
    ...Object.entries(numberFunctions(heap)),
    ...Object.entries(storeFunctions(heap, context)),
    ...Object.entries(chainFunctions(heap, context)),
    ...Object.entries(jsonFunctions(heap)),
    ['crypto.keccak256', (bytes: number) => heap.writeBytes(keccak256(heap.readBytes(bytes), 'bytes'))],
    [
      'log.log',
      (index: number, text: number) => {
        const level = LOG_LEVELS[index];
        if (!level) throw new HandlerFailed(`there is no log level ${index}`);
        context().host.log(level, heap.readString(text));
        if (level === 'critical') throw new HandlerFailed('Critical error logged in mapping');
      },
    ],
  ]);
}

const abort = (heap: Heap) => (message: number, file: number, line: number, column: number) => {
  const where = file
    ? `${heap.readString(file)}${line ? `, line ${line}` : ''}${column ? `, column ${column}` : ''}`
    : '';
  const why = message ? `message: ${heap.readString(message)}` : 'no message';
  throw new HandlerFailed(`Mapping aborted at ${where || 'an unknown location'}, with ${why}`);
};

type Functions = Readonly<Record<string, HostFunction>>;

function storeFunctions(heap: Heap, context: () => Context): Functions {
  const asked = (name: number) => {
    const { host, schema, code } = context();
    const type = typeOf(schema, heap.readString(name));
    if (code.entities?.includes(type.name) === false) {
      throw new HandlerFailed(`${type.name} is not on the list of entities of this data source in the manifest`);
    }
    return { store: host.store, type, schema };
  };
  return {
    'store.get': (name: number, id: number) => {
      const { store, type } = asked(name);
      const entity = store.get(type.name, heap.readString(id));
      return entity ? writeEntity(heap, type, entity) : 0;
    },
    'store.get_in_block': (name: number, id: number) => {
      const { store, type } = asked(name);
      const entity = store.getInBlock(type.name, heap.readString(id));
      return entity ? writeEntity(heap, type, entity) : 0;
    },
    'store.loadRelated': (name: number, id: number, fieldName: number) => {
      const { store, type, schema } = asked(name);
      const field = heap.readString(fieldName);
      const target = type.fields.find((one) => one.name === field && one.derivedFrom)?.target;
      if (!target) throw new HandlerFailed(`${type.name}.${field} is derived from no other entity`);
      const related = store.loadRelated(type.name, heap.readString(id), field);
      return heap.writeArray(
        'ArrayStoreEntry',
        related.map((entity) => writeEntity(heap, typeOf(schema, target), entity)),
      );
    },
    'store.set': (name: number, id: number, data: number) => {
      const { store, type } = asked(name);
      store.set(type.name, heap.readString(id), readEntity(heap, type, data));
    },
    'store.remove': (name: number, id: number) => {
      const { store, type } = asked(name);
      store.remove(type.name, heap.readString(id));
    },
  };
}

function chainFunctions(heap: Heap, context: () => Context): Functions {
  const create = (name: number, parameters: number, data: number) =>
    context().host.createDataSource(
      heap.readString(name),
      heap.readArray(parameters).map((one) => heap.readString(one)),
      data ? readContext(heap, data) : null,
    );
  return {
    'dataSource.create': (name: number, parameters: number) => create(name, parameters, 0),
    'dataSource.createWithContext': create,
    'dataSource.address': () => heap.writeBytes(bytesOf(context().host.dataSource.address)),
    'dataSource.network': () => heap.writeString(context().host.dataSource.network),
    'dataSource.context': () => writeContext(heap, context().host.dataSource.context ?? {}),
    'ethereum.call': (call: number) => contractCall(heap, call, context()),
    'ethereum.encode': (token: number) => {
      const value = readToken(heap, token);
      return orNull(() => heap.writeHex(encode(value)));
    },
    'ethereum.decode': (types: number, data: number) => {
      const [shape, bytes] = [heap.readString(types), heap.readHex(data) as Hex];
      return orNull(() => {
        const { parameter, value } = decode(shape, bytes);
        return writeAbiValue(heap, parameter, value);
      });
    },
  };
}

/** An address as its bytes, a CID as its text. */
const bytesOf = (address: string) =>
  /^0x[\da-f]{40}$/i.test(address) ? Buffer.from(address.slice(2), 'hex') : Buffer.from(address);

function orNull(compute: () => number): number {
  try {
    return compute();
  } catch {
    return 0;
  }
}

function contractCall(heap: Heap, call: number, { host, code }: Context): number {
  const text = (index: number) => heap.readString(heap.word(call, index));
  const [contract, functionName, signature] = [text(0), text(2), text(3)];
  const abi = code.abis.get(contract);
  if (!abi) throw new HandlerFailed(`the manifest's data source has no ABI ${contract}`);
  const called = abi.find(
    (one): one is AbiFunction => one.type === 'function' && one.name === functionName && signatureOf(one) === signature,
  );
  if (!called) throw new HandlerFailed(`the ABI ${contract} has no function ${signature}`);
  const result = host.call({
    contract,
    address: heap.readHex(heap.word(call, 1)),
    functionName,
    signature,
    arguments: heap.readArray(heap.word(call, 4)).map((one) => plain(readToken(heap, one))),
  });
  if (!result) return 0;
  const values = called.outputs.map((output, index) => writeAbiValue(heap, output, result[index] as AbiValue));
  return heap.writeArray('ArrayEthereumValue', values);
}

function jsonFunctions(heap: Heap): Functions {
  const integer = (text: number, [lowest, beyond]: readonly [bigint, bigint], type: string) => {
    const decimal = heap.readString(text);
    const failure = `JSON \`${decimal}\` cannot be parsed as ${type}`;
    const value = decimal.includes('_') ? beyond : parseInteger(decimal, failure);
    if (value < lowest || value >= beyond || (lowest === 0n && decimal.startsWith('-')))
      throw new HandlerFailed(failure);
    return BigInt.asIntN(64, value);
  };
  return {
    'json.fromBytes': (bytes: number) => {
      const content = heap.readBytes(bytes);
      try {
        return writeJson(heap, parseJson(content));
      } catch (error) {
        throw new HandlerFailed(`Failed to parse JSON: ${(error as Error).message}`, { cause: error });
      }
    },
    'json.try_fromBytes': (bytes: number) => {
      const content = heap.readBytes(bytes);
      const value = orNull(() => writeJson(heap, parseJson(content)));
      if (value) return heap.writeObject('JsonResult', [heap.writeObject('WrappedJsonValue', [value]), 0]);
      return heap.writeObject('JsonResult', [0, heap.writeObject('WrappedBool', [1])]);
    },
    'json.toI64': (text: number) => integer(text, [-(2n ** 63n), 2n ** 63n], 'i64'),
    'json.toU64': (text: number) => integer(text, [0n, 2n ** 64n], 'u64'),
    'json.toF64': (text: number) => {
      const decimal = heap.readString(text);
      const special = /^[+-]?(?:inf|infinity|nan)$/i.test(decimal);
      if (!special && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(decimal)) {
        throw new HandlerFailed(`JSON \`${decimal}\` cannot be parsed as f64`);
      }
      if (!special) return Number(decimal);
      return /n$/i.test(decimal) ? Number.NaN : decimal.startsWith('-') ? -Infinity : Infinity;
    },
    'json.toBigInt': (text: number) => {
      const decimal = heap.readString(text);
      return heap.writeBigInt(parseInteger(decimal, `JSON \`${decimal}\` is not a decimal string`));
    },
  };
}
