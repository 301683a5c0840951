// The process that serves the chain; its first line tells where, its input moves the head.
import { createInterface } from 'node:readline';
import { makeChain } from './chain.ts';
import { Node } from './methods.ts';
import { serve } from './server.ts';

const chain = makeChain(JSON.parse(process.argv[2] ?? ''));
const node = new Node(chain);
const { last, events, allEvents } = chain;
console.log(JSON.stringify({ port: await serve(node), last, events, allEvents }));
for await (const line of createInterface(process.stdin)) {
  node.setHead(Number(line));
  console.log(line);
}
process.exit();
