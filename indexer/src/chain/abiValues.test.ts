import { type AbiEvent, encodeAbiParameters, encodeEventTopics, type Hex, parseAbiItem, type RpcLog } from 'viem';
import { describe, expect, it } from 'vitest';
import { decodeLog, decodeValues } from './abiValues.ts';

const logOf = (topics: readonly unknown[], data: Hex) => ({ topics, data }) as unknown as RpcLog;
const maker = '0xABcdEFABcdEFabcdEfAbCdefabcdeFABcDEFabCD';

describe('the arguments of an event', () => {
  it('are whole numbers, lower-case addresses and hex, in their order', () => {
    const event = parseAbiItem(
      'event Filled(int24 by, address indexed maker, bool open, bytes4 tag, uint8 kind)',
    ) as AbiEvent;
    const types = [{ type: 'int24' }, { type: 'bool' }, { type: 'bytes4' }, { type: 'uint8' }];
    const data = encodeAbiParameters(types, [-5, true, '0x01020304', 7]);
    const topics = encodeEventTopics({ abi: [event], args: { maker } });
    expect(decodeLog(event, logOf(topics, data))?.map(({ name, value }) => [name, value])).toEqual([
      ['by', -5n],
      ['maker', maker.toLowerCase()],
      ['open', true],
      ['tag', '0x01020304'],
      ['kind', 7n],
    ]);
  });

  it('are lists and tuples without names', () => {
    const event = parseAbiItem('event Listed((uint8 kind, address who)[] items, string note)') as AbiEvent;
    const data = encodeAbiParameters(event.inputs, [[{ kind: 1, who: maker }], 'hi']);
    const values = decodeLog(event, logOf(encodeEventTopics({ abi: [event] }), data))?.map(({ value }) => value);
    expect(values).toEqual([[[1n, maker.toLowerCase()]], 'hi']);
  });

  it('are hashes where what is indexed is longer than a word', () => {
    const event = parseAbiItem('event Named(string indexed name)') as AbiEvent;
    const topics = encodeEventTopics({ abi: [event], args: { name: 'a' } });
    const [name] = decodeLog(event, logOf(topics, '0x')) ?? [];
    expect([name?.type.type, name?.value]).toEqual(['bytes32', topics[1]]);
  });

  it('are none where the log is of an event that indexes others, or is too short', () => {
    const event = parseAbiItem('event Moved(uint256 indexed key, int256 by)') as AbiEvent;
    const [topic0] = encodeEventTopics({ abi: [event] });
    expect(decodeLog(event, logOf([topic0], `0x${'0'.repeat(128)}`))).toBeNull();
    expect(decodeLog(event, logOf([topic0, `0x${'0'.repeat(64)}`], '0x'))).toBeNull();
  });

  it('are none of bytes that are not of the types', () => {
    expect(decodeValues([{ type: 'string' }], '0x01')).toBeNull();
  });
});
