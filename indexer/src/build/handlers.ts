import { type Abi, type AbiEvent, type Hex, keccak256, padHex, stringToBytes } from 'viem';
import { canonical } from '../wasm/abi.ts';
import type { BlockHandler, EventHandler } from './manifest.ts';
import type { ManifestNode } from './manifestNode.ts';

/** @param abi Of the contract that the data source names. */
export function readEventHandler(node: ManifestNode, abi: Abi): EventHandler {
  const signature = node.child('event').text();
  const events = abi.filter((one): one is AbiEvent => one.type === 'event');
  const named = events.filter((one) => signatureOf(one, false) === signature);
  const event =
    events.find((one) => signatureOf(one, true) === signature) ?? (named.length === 1 ? named[0] : undefined);
  if (!event) throw node.child('event').wrong(`'${signature}' is none of the ABI's events`);
  const topic0 = node.child('topic0').optional()?.matching(TOPIC, 'a topic') as Hex | undefined;
  return {
    handler: node.child('handler').text(),
    event,
    topic0: topic0 ?? keccak256(stringToBytes(signatureOf(event, false))),
    topics: [readTopics(node.child('topic1')), readTopics(node.child('topic2')), readTopics(node.child('topic3'))],
    receipt: node.child('receipt').optional()?.oneOf(['true', 'false']) === 'true',
  };
}

/** Every block, or as its filter says. */
export function readBlockHandler(node: ManifestNode): BlockHandler {
  const handler = node.child('handler').text();
  const filter = node.child('filter').optional();
  const kind = filter?.child('kind').oneOf(['polling', 'once']);
  if (!filter || !kind) return { handler, blocks: { kind: 'all' } };
  if (kind === 'once') return { handler, blocks: { kind } };
  const n = filter.child('every').whole();
  if (n === 0n) throw filter.child('every').wrong('is zero');
  return { handler, blocks: { kind: 'every', n } };
}

/** As the manifest writes it: `Transfer(indexed address,uint256)`. */
function signatureOf({ name, inputs }: AbiEvent, indexed: boolean): string {
  const types = inputs.map((input) => (indexed && input.indexed ? `indexed ${canonical(input)}` : canonical(input)));
  return `${name}(${types.join(',')})`;
}

const TOPIC = /^0x[\da-f]{1,64}$/i;

function readTopics(node: ManifestNode): readonly Hex[] | null {
  const values = node.list().map((one) => one.matching(TOPIC, 'a topic') as Hex);
  return values.length > 0 ? values.map((value) => padHex(value.toLowerCase() as Hex)) : null;
}
