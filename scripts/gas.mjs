// Measures exact gas per operation on the release build and writes snapshots/gas.json and the README's table.
// With --json prints the figures as one object; with --check fails when the checked-in figures differ.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { foundryBinary } from './foundry.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const json = process.argv.includes('--json');
const check = process.argv.includes('--check');
const snapshot = `${root}snapshots/gas.json`;
const before = check ? readFileSync(snapshot, 'utf8') : '';

const { status, stdout, stderr } = spawnSync(foundryBinary('forge'), ['test'], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, FOUNDRY_PROFILE: 'gas' },
});
if (status !== 0) {
  console.error(`${stdout}\n${stderr}\nThe gas tests failed, see above.`);
  process.exit(1);
}

/** @type {Record<string, number>} */
const gas = {};
for (const [name, value] of Object.entries(JSON.parse(readFileSync(snapshot, 'utf8')))) gas[name] = Number(value);
gas.settleOpenEachOf20 = Math.ceil((gas.settleOpen20 ?? 0) / 20);
delete gas.settleOpen20;
gas.liquidateEachOf10 = Math.ceil((gas.liquidate10 ?? 0) / 10);
delete gas.liquidate10;

const LABELS = {
  deposit: 'deposit',
  withdraw: 'withdraw, no position',
  commit: 'commit one market order',
  settleOpen: 'settle one opening order',
  settleOpenEachOf20: 'settle an opening order, each of 20',
  settleIncrease: 'settle one increase',
  settleClose: 'settle one close',
  closeNow: 'immediate close',
  liquidate: 'liquidate',
  liquidateEachOf10: 'liquidate, each of 10',
  requestDeposit: 'request a deposit of liquidity',
  requestRedeem: 'request a redemption',
  priceUpdate: 'price update: verification of one signed update',
  feedReads: 'external feed reads, cold',
  settleOpenAll: 'settle one opening order, everything charged',
};
/** @type {string[]} */
const rows = [];
for (const [name, label] of Object.entries(LABELS)) {
  if (gas[name] !== undefined) rows.push(`| ${label} | ${gas[name].toLocaleString('en-US')} |`);
}
const table = `<!-- gas:start -->\n| Operation | Gas |\n|---|---:|\n${rows.join('\n')}\n<!-- gas:end -->`;
const readme = readFileSync(`${root}README.md`, 'utf8');
const updated = readme.replace(/<!-- gas:start -->[\s\S]*<!-- gas:end -->/, table);
if (check && (readFileSync(snapshot, 'utf8') !== before || updated !== readme)) {
  console.error('Gas differs from the checked-in snapshot: run "npm run gas" and commit the result.');
  process.exit(1);
}
if (!check) writeFileSync(`${root}README.md`, updated);
console.log(json ? JSON.stringify(gas) : rows.join('\n'));
