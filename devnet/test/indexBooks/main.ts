// The books of a random history, rebuilt from the index alone.
//   npm run test:books -- --operations N --seed N [--json]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareHistory } from './compareHistory.ts';
import { differenceLines } from './compareIndex.ts';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [operations, seed] = [Number(values.operations), Number(values.seed)];
const artifacts = fileURLToPath(new URL('../../../contracts/out-release', import.meta.url));
const started = Date.now();
const tell = (line: string) => console.error(`${Math.round((Date.now() - started) / 1000)} s: ${line}`);
const every = Math.max(1, Math.floor(operations / 50));
const comparison = await compareHistory(
  artifacts,
  { operations, seed },
  {
    onOperation: (done) => done % every === 0 && tell(`${done} of ${operations} operations`),
    onBlock: (block, of) => tell(`${block} of ${of} blocks indexed`),
  },
);
const { compared, differences, blocks, logs } = comparison;
const seconds = Math.round((Date.now() - started) / 1000);
const lines = differenceLines(comparison);
if (values.json)
  console.log(
    JSON.stringify({ operations, seed, blocks, logs, compared, different: differences.length, lines, seconds }),
  );
else {
  for (const line of lines) console.log(line);
  console.log(`${operations} operations, ${logs} logs: ${compared} numbers compared, ${differences.length} differ`);
}
process.exit(differences.length === 0 ? 0 : 1);
