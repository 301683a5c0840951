import type { AbiParameter } from 'viem';
import { ABI_KINDS, shapeOf, type Token } from './abi.ts';
import type { Heap } from './heap.ts';
import type { AbiArgument, AbiValue, BlockInfo, ReceiptInfo, TransactionInfo, Trigger } from './host.ts';
import { HandlerFailed } from './host.ts';

/** A value of an ABI's type. Of an indexed argument that is no word there is only the hash. */
export function writeAbiValue(heap: Heap, parameter: AbiParameter, value: AbiValue): number {
  const { kind, element, parts } = shapeOf(parameter);
  const hashed =
    'indexed' in parameter && parameter.indexed && (element || parts || kind === 'bytes' || kind === 'string');
  if (hashed) return tagged(heap, 'fixedBytes', heap.writeHex(value as string));
  if (element || parts) {
    const values = (value as readonly AbiValue[]).map((one, index) =>
      writeAbiValue(heap, element ?? (parts?.[index] as AbiParameter), one),
    );
    return tagged(heap, kind, heap.writeArray('ArrayEthereumValue', values));
  }
  if (kind === 'bool') return tagged(heap, kind, value ? 1 : 0);
  if (kind === 'int' || kind === 'uint') return tagged(heap, kind, heap.writeBigInt(value as bigint));
  const text = value as string;
  return tagged(heap, kind, kind === 'string' ? heap.writeString(text) : heap.writeHex(text));
}

const tagged = (heap: Heap, kind: (typeof ABI_KINDS)[number], payload: number) =>
  heap.writeTagged('EthereumValue', ABI_KINDS.indexOf(kind), payload);

/** @throws {HandlerFailed} when it is null or of no known kind. */
export function readToken(heap: Heap, pointer: number): Token {
  const { kind: index, payload } = heap.readTagged(pointer);
  const kind = ABI_KINDS[index];
  switch (kind) {
    case undefined:
      throw new HandlerFailed(`an Ethereum value has the unknown kind ${index}`);
    case 'fixedArray':
    case 'array':
    case 'tuple':
      return { kind, value: heap.readArray(payload).map((one) => readToken(heap, one)) };
    case 'int':
    case 'uint':
      return { kind, value: heap.readBigInt(payload) };
    case 'bool':
      return { kind, value: payload !== 0 };
    case 'string':
      return { kind, value: heap.readString(payload) };
    default:
      return { kind, value: heap.readHex(payload) };
  }
}

/** A token without its kind. */
export const plain = ({ value }: Token): AbiValue =>
  typeof value === 'object' ? value.map((one) => plain(one)) : value;

/** What a handler is called with. */
export function writeTrigger(heap: Heap, trigger: Trigger): number {
  if (trigger.kind === 'file') return heap.writeBytes(trigger.content);
  if (trigger.kind === 'block') return writeBlock(heap, trigger.block);
  const { address, logIndex, block, transaction, receipt } = trigger;
  const index = heap.writeBigInt(logIndex);
  return heap.writeObject('EthereumEvent', [
    heap.writeHex(address),
    index,
    index,
    0,
    writeBlock(heap, block),
    writeTransaction(heap, transaction),
    heap.writeArray(
      'ArrayEventParam',
      trigger.arguments.map((argument) => writeArgument(heap, argument)),
    ),
    receipt ? writeReceipt(heap, receipt, transaction, block) : 0,
  ]);
}

const writeArgument = (heap: Heap, { name, type, value }: AbiArgument) =>
  heap.writeObject('EventParam', [heap.writeString(name), writeAbiValue(heap, type, value)]);

function writeBlock(heap: Heap, block: BlockInfo): number {
  return heap.writeObject('EthereumBlock', [
    heap.writeHex(block.hash),
    heap.writeHex(block.parentHash),
    heap.writeHex(block.unclesHash),
    heap.writeHex(block.author),
    heap.writeHex(block.stateRoot),
    heap.writeHex(block.transactionsRoot),
    heap.writeHex(block.receiptsRoot),
    heap.writeBigInt(block.number),
    heap.writeBigInt(block.gasUsed),
    heap.writeBigInt(block.gasLimit),
    heap.writeBigInt(block.timestamp),
    heap.writeBigInt(block.difficulty),
    heap.writeBigInt(block.totalDifficulty),
    block.size === null ? 0 : heap.writeBigInt(block.size),
    block.baseFeePerGas === null ? 0 : heap.writeBigInt(block.baseFeePerGas),
  ]);
}

function writeTransaction(heap: Heap, transaction: TransactionInfo): number {
  return heap.writeObject('EthereumTransaction', [
    heap.writeHex(transaction.hash),
    heap.writeBigInt(transaction.index),
    heap.writeHex(transaction.from),
    transaction.to === null ? 0 : heap.writeHex(transaction.to),
    heap.writeBigInt(transaction.value),
    heap.writeBigInt(transaction.gasLimit),
    heap.writeBigInt(transaction.gasPrice),
    heap.writeHex(transaction.input),
    heap.writeBigInt(transaction.nonce),
  ]);
}

/** Without the created contract's address, the logs, their bloom and the root: no handler of ours reads them. */
function writeReceipt(heap: Heap, receipt: ReceiptInfo, transaction: TransactionInfo, block: BlockInfo): number {
  return heap.writeObject('TransactionReceipt', [
    heap.writeHex(transaction.hash),
    heap.writeBigInt(transaction.index),
    heap.writeHex(block.hash),
    heap.writeBigInt(block.number),
    heap.writeBigInt(receipt.cumulativeGasUsed),
    heap.writeBigInt(receipt.gasUsed),
    0,
    heap.writeArray('ArrayLog', []),
    heap.writeBigInt(receipt.status),
    0,
    heap.writeBytes(new Uint8Array()),
  ]);
}
