import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { base16 } from 'multiformats/bases/base16';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { afterEach, describe, expect, it } from 'vitest';
import { FileUnavailableError } from './blockSource.ts';
import { IpfsGateways } from './ipfsGateways.ts';

const RAW = 0x55;
const DAG_PB = 0x70;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A gateway that has blocks, by their CIDs. */
async function gateway(blocks: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const server = createServer((request, response) => {
    const block = blocks.get(/^\/ipfs\/(\w+)\?format=raw$/.exec(request.url ?? '')?.[1] ?? '');
    response.writeHead(block ? 200 : 404).end(block);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const cidOf = async (bytes: Uint8Array, codec = RAW) => CID.createV1(codec, await sha256.digest(bytes));
const bytes = new TextEncoder().encode('{"title":"Raise the cap"}');
const other = new TextEncoder().encode('{"title":"Lower the cap"}');

/** A length-delimited field of protobuf. */
const field = (number: number, value: Uint8Array) => Uint8Array.of((number << 3) | 2, value.length, ...value);
const integer = (number: number, value: number) => Uint8Array.of(number << 3, value);

describe('IPFS gateways', () => {
  it('give a block by its CID, in whatever base it is written', async () => {
    const cid = await cidOf(bytes);
    const files = new IpfsGateways({ urls: [await gateway(new Map([[`${cid}`, bytes]]))] });
    expect([await files.get(`${cid}`), await files.get(cid.toString(base16))]).toEqual([bytes, bytes]);
  });

  it('are passed over when they lie, and told of when all do', async () => {
    const cid = `${await cidOf(bytes)}`;
    const [liar, honest] = [await gateway(new Map([[cid, other]])), await gateway(new Map([[cid, bytes]]))];
    expect(await new IpfsGateways({ urls: [liar, honest] }).get(cid)).toEqual(bytes);
    const refused = new IpfsGateways({ urls: [liar] }).get(cid);
    await expect(refused).rejects.toThrow(FileUnavailableError);
    await expect(refused).rejects.toThrow(`${liar} gave other bytes than it names`);
  });

  it('are told of when they have nothing', async () => {
    const empty = await gateway(new Map());
    const cid = `${await cidOf(bytes)}`;
    await expect(new IpfsGateways({ urls: [empty] }).get(cid)).rejects.toThrow(`${empty}: it answered 404`);
    await expect(new IpfsGateways({ urls: [] }).get(cid)).rejects.toThrow('no IPFS gateway is given');
  });

  it('give a file of several blocks, each by its own hash', async () => {
    const leaves = await Promise.all([bytes, other].map(async (leaf) => ({ leaf, cid: await cidOf(leaf) })));
    // UnixFS: a file, its size, and those of its parts; dag-pb: the links, then the data.
    const sizes = leaves.flatMap(({ leaf }) => [...integer(4, leaf.length)]);
    const data = Uint8Array.of(...integer(1, 2), ...integer(3, bytes.length + other.length), ...sizes);
    const links = leaves.flatMap(({ leaf, cid }) => [
      ...field(2, Uint8Array.of(...field(1, cid.bytes), ...field(2, new Uint8Array()), ...integer(3, leaf.length))),
    ]);
    const root = Uint8Array.of(...links, ...field(1, data));
    const rootCid = await cidOf(root, DAG_PB);
    const blocks = new Map([[`${rootCid}`, root], ...leaves.map(({ leaf, cid }) => [`${cid}`, leaf] as const)]);
    const files = new IpfsGateways({ urls: [await gateway(blocks)] });
    expect(Buffer.from(await files.get(`${rootCid}`))).toEqual(Buffer.concat([bytes, other]));
    const [, last] = leaves;
    const tampered = new Map([...blocks, [`${last?.cid}`, bytes]]);
    const liar = new IpfsGateways({ urls: [await gateway(tampered)] });
    await expect(liar.get(`${rootCid}`)).rejects.toThrow('gave other bytes than it names');
  });
});
