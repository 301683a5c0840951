import { expect, it } from 'vitest';
import { type AbiArgument, type AbiValue, type ContractCall, HandlerFailed } from '../../../../src/wasm/host.ts';
import { BLOCK, eventOf, testHost, testMappings } from '../testHost.ts';

const mappings = testMappings();
const ADDRESS = '0x00112233445566778899aabbccddeeff00112233';

function shown(value: AbiValue, type: AbiArgument['type']): string {
  const host = testHost();
  mappings.run('showArguments', eventOf([], { arguments: [{ name: 'x', type, value }] }), host);
  return host.said.join();
}

function called(signature: string, result: readonly AbiValue[] | null, name = 'balanceOf') {
  const calls: ContractCall[] = [];
  const host = testHost({
    call: (call) => {
      calls.push(call);
      return result;
    },
  });
  mappings.run('calls', eventOf([name, signature]), host);
  return { calls, said: host.said.join() };
}

const components = [
  { name: 'on', type: 'bool' },
  { name: 'who', type: 'address[]' },
];

it.each<[name: string, AbiValue, AbiArgument['type'], string]>([
  ['an address', ADDRESS, { type: 'address' }, `x=address ${ADDRESS}`],
  ['an unsigned integer', 2n ** 256n - 1n, { type: 'uint256' }, `x=uint ${2n ** 256n - 1n}`],
  ['a signed integer', -(2n ** 255n), { type: 'int256' }, `x=int ${-(2n ** 255n)}`],
  ['a small integer', -1n, { type: 'int24' }, 'x=int -1'],
  ['a boolean', true, { type: 'bool' }, 'x=bool true'],
  ['a text', 'é', { type: 'string' }, 'x=string é'],
  ['bytes', '0x', { type: 'bytes' }, 'x=bytes 0x'],
  ['fixed bytes', '0x01020304', { type: 'bytes4' }, 'x=fixedBytes 0x01020304'],
  ['a list', [1n, 2n], { type: 'uint8[]' }, 'x=array(uint 1 uint 2)'],
  ['a fixed list of lists', [[1n], []], { type: 'uint8[][2]' }, 'x=fixedArray(array(uint 1) array())'],
  ['a tuple', [false, [ADDRESS]], { type: 'tuple', components }, `x=tuple(bool false array(address ${ADDRESS}))`],
  ['a list of tuples', [[true, []]], { type: 'tuple[]', components }, 'x=array(tuple(bool true array()))'],
])('hands over %s of an event', (_, value, type, expected) => {
  expect(shown(value, type)).toBe(expected);
});

it('hands over the hash of an indexed text', () => {
  const hash = `0x${'12'.repeat(32)}`;
  const type: AbiArgument['type'] & { indexed: boolean } = { type: 'string', indexed: true };
  expect(shown(hash, type)).toBe(`x=fixedBytes ${hash}`);
});

it('hands over an event, its block and its transaction', () => {
  const host = testHost();
  mappings.run('showEvent', eventOf([]), host);
  expect(host.said).toEqual([
    `0x${'c0'.repeat(20)} 300 300 no type 123456789 1700000000 4 0x${'0f'.repeat(20)} created ` +
      '1000000000000000000 0x 9 no receipt',
  ]);
});

it('hands over a receipt', () => {
  const host = testHost();
  const receipt = { gasUsed: 21_000n, cumulativeGasUsed: 84_000n, status: 1n };
  mappings.run('showEvent', eventOf([], { receipt }), host);
  expect(host.said[0]).toMatch(/21000 of 84000$/);
});

it('hands over a block', () => {
  const host = testHost();
  mappings.run('showBlock', { kind: 'block', block: BLOCK }, host);
  const [hash, parent, author] = [`0x${'ab'.repeat(32)}`, `0x${'aa'.repeat(32)}`, `0x${'0a'.repeat(20)}`];
  expect(host.said).toEqual([
    `${hash} ${parent} ${author} 123456789 21000 30000000 1700000000 ${2n ** 70n} 512 no fee`,
  ]);
});

it('hands over a file’s bytes and its CID', () => {
  const host = testHost({ dataSource: { address: 'bafkreihash' } });
  mappings.run('showFile', { kind: 'file', content: Buffer.from('{"title":"é"}') }, host);
  expect(host.said).toEqual(['bafkreihash {"title":"é"}']);
});

it('calls a contract', () => {
  const { calls, said } = called('balanceOf(address):(uint256)', [7n]);
  expect(said).toBe('uint 7');
  expect(calls).toEqual([
    {
      contract: 'Token',
      address: ADDRESS,
      functionName: 'balanceOf',
      signature: 'balanceOf(address):(uint256)',
      arguments: [ADDRESS],
    },
  ]);
});

it('tells overloads apart by their signature', () => {
  const { said } = called('balanceOf(address):(int64[],(bool,string))', [[-1n], [true, 'on']]);
  expect(said).toBe('array(int -1) tuple(bool true string on)');
});

it('calls what returns nothing', () => {
  expect(called('poke()', [], 'poke').said).toBe('');
});

it('tells a handler that a call reverted', () => {
  expect(called('balanceOf(address):(uint256)', null).said).toBe('reverted');
});

it('ends a handler whose call must not revert', () => {
  const host = testHost({ call: () => null });
  expect(() => mappings.run('mustCall', eventOf(['balanceOf(address):(uint256)']), host)).toThrow(/Call reverted/);
});

it('refuses to call a function that the ABI does not have', () => {
  expect(() => called('balanceOf(address):(bool)', [])).toThrow(HandlerFailed);
  expect(() => called('balanceOf(address):(bool)', [])).toThrow(/the ABI Token has no function/);
});

it('refuses to call a contract without an ABI', () => {
  expect(() => mappings.run('otherContract', eventOf([]), testHost())).toThrow(/no ABI Nowhere/);
});

it('tells a handler where it runs', () => {
  const dataSource = { address: ADDRESS, network: 'optimism' };
  const told = ['address', 'network', 'context'].map((what) => {
    const host = testHost({ dataSource });
    mappings.run('sources', eventOf([what]), host);
    return host.said.join();
  });
  expect(told).toEqual([ADDRESS, 'optimism', '']);
});

it('creates a data source', () => {
  const host = testHost();
  mappings.run('sources', eventOf(['create']), host);
  expect(host.created).toEqual([{ template: 'Child', parameters: ['0xaa', 'second'], context: null }]);
});

it('hands a created source’s context back as it was, of every kind, also when it was kept as JSON', () => {
  const host = testHost();
  mappings.run('sources', eventOf(['create with context']), host);
  const context = JSON.parse(JSON.stringify(host.created[0]?.context));
  const child = testHost({ dataSource: { context } });
  mappings.run('sources', eventOf(['context']), child);
  expect(child.said).toEqual([
    'text: String 0xaa, bytes: Bytes 0xaa, integer: BigInt -3, long: Int8 4, small: Int -5, decimal: BigDecimal 0.5, ' +
      'flag: Boolean false, list: [String a String b]',
  ]);
});

it('tells what handlers log, by level', () => {
  const host = testHost();
  expect(() => mappings.run('logs', eventOf(['é']), host)).toThrow(/log level 9/);
  expect(host.said).toEqual(['error one é', 'warning two', 'three', 'debug four']);
});

it('gives every run the memory and the globals that the start left', () => {
  const said = Array.from({ length: 3 }, () => {
    const host = testHost();
    mappings.run('remembers', eventOf([]), host);
    return host.said.join();
  });
  expect(said).toEqual(Array(3).fill('1 0 864197523086419752308641975230'));
});

it('forgets a run that failed', () => {
  const host = testHost();
  expect(() => mappings.run('ends', eventOf(['recursion']), testHost())).toThrow(HandlerFailed);
  mappings.run('remembers', eventOf([]), host);
  expect(host.said[0]).toMatch(/^1 0 /);
});
