// Hostile clients of every kind, all at once, until the process is ended.
import { type Outcome, post, query, RawSocket, tcp } from '../hostileClients.ts';

const port = Number(process.argv[2]);
/** How each kind ended, by what it was told. */
const outcomes: Record<string, Record<string, number>> = {};
const note = (kind: string, told: string) => {
  outcomes[kind] ??= {};
  outcomes[kind][told] = (outcomes[kind][told] ?? 0) + 1;
};
const noteOutcome = (kind: string, { code, words }: Outcome) =>
  note(kind, `${code} ${/"message":"([^"]{0,60})/.exec(words)?.[1] ?? (words.startsWith('HTTP') ? '' : words)}`.trim());

/** Does it over and over, several at a time. */
const always = (kind: string, count: number, attack: () => Promise<Outcome>) => {
  for (let index = 0; index < count; index++)
    (async () => {
      for (;;) {
        noteOutcome(kind, await attack());
        await new Promise(setImmediate);
      }
    })();
};

const nested = `{ markets { ${'positions { market { '.repeat(20)} id ${'} } '.repeat(20)} } }`;
const aliases = `{ ${Array.from({ length: 100 }, (_, index) => `a${index}: markets { id }`).join(' ')} }`;
const filter = `{ trades(first: 1000, orderBy: size, where: { or: [${Array.from({ length: 30 }, (_, index) => `{ memo_contains_nocase: "x${index}" }`).join(' ')}] }) { id } }`;
const wide = '{ trades(first: 1000) { id size price memo account { id label volume } market { id name price } } }';
const slow =
  'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';

always('deep', 2, () => query(port, nested));
always('aliases', 2, () => query(port, aliases));
always('huge first', 2, () => query(port, '{ trades(first: 1000000) { id } }'));
always('expensive filter', 4, () => query(port, filter));
always('wide', 4, () => query(port, wide));
always('giant document', 2, () => post(port, `{"query":"${'a'.repeat(1_000_000)}"}`));
always('slow body', 50, () => tcp(port, [slow, ...Array.from({ length: 100 }, () => ' ')], 500));
always('unknown protocol', 2, () => new RawSocket(port, null).closed);
always('malformed frame', 2, async () => {
  const client = new RawSocket(port);
  await Promise.race([client.opened, client.closed]);
  if (client.socket.readyState === client.socket.OPEN) client.send('{');
  return client.closed;
});

const subscribers = Array.from({ length: 20 }, async (_, connection) => {
  const client = new RawSocket(port);
  client.closed.then((outcome) => noteOutcome('subscriber', outcome));
  await client.begin();
  for (let index = 0; index < 50; index++) {
    const id = `${index}`;
    client.subscribe(id, `subscription { markets(first: ${connection * 50 + index + 1}) { id price } }`);
    client.about(id).then(({ type }) => note('subscription', type));
  }
});
await Promise.race([Promise.all(subscribers), new Promise((resolve) => setTimeout(resolve, 5_000))]);
for (let index = 0; index < 5; index++) {
  const client = new RawSocket(port);
  client.closed.then((outcome) => noteOutcome('never reads', outcome));
  client.begin().then(() => {
    for (let id = 0; id < 50; id++)
      client.subscribe(`${id}`, 'subscription { markets { id } trades(first: 900) { id memo market { price } } }');
    client.stopReading();
  });
}

process.on('message', () => process.send?.(outcomes));
process.send?.('begun');
