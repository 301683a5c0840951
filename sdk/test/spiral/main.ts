// The death spiral: runs it on the release bytecode and writes docs/death-spiral.md and its plot from what came out.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { plot, tables } from './report.ts';
import { runSpiral } from './spiral.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const root = fileURLToPath(new URL('../../..', import.meta.url));
const spiral = await runSpiral(`${root}contracts/out-release`);
const page = `${root}docs/death-spiral.md`;
const [before] = readFileSync(page, 'utf8').split('<!-- spiral:start -->');
const after = readFileSync(page, 'utf8').split('<!-- spiral:end -->')[1];
writeFileSync(page, `${before}<!-- spiral:start -->\n${tables(spiral)}\n<!-- spiral:end -->${after}`);
writeFileSync(`${root}docs/death-spiral.svg`, plot(spiral));
if (values.json) console.log(JSON.stringify(spiral, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
else console.log(tables(spiral));
