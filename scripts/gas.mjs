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
/** Each of so many, of what was measured of all of them. @param {string} name @param {string} whole @param {number} count */
function eachOf(name, whole, count, least = 0) {
  gas[name] = Math.ceil(((gas[whole] ?? 0) - least) / count);
  delete gas[whole];
}
eachOf('signedCommitEachOf20', 'signedCommit20', 20);
eachOf('nonceCommitEachOf20', 'nonceCommit20', 20);
eachOf('settleOpenEachOf20', 'settleOpen20', 20);
eachOf('settleCloseEachOf20', 'settleClose20', 20);
eachOf('liquidateEachOf10', 'liquidate10', 10);
eachOf('furtherMarket', 'settleAmong4', 4, gas.settleIncrease);
eachOf('commitFurtherMarket', 'commitAmong4', 4, gas.commit);

const LABELS = {
  deposit: 'deposit',
  withdraw: 'withdraw, no position, the first of an hour',
  commit: 'commit one market order',
  signedCommitEachOf20: 'commit a signed order, each of 20',
  nonceCommitEachOf20: 'commit one signed with a nonce, each of 20',
  commitFurtherMarket: 'commit, each further market of the account, as the first of a second',
  settleOpen: 'settle one opening order',
  settleOpenEachOf20: 'settle an opening order, each of 20',
  settleReopen: 'settle one that opens a closed position again',
  settleIncrease: 'settle one increase',
  settleClose: 'settle one close',
  settleCloseEachOf20: 'settle a close, each of 20',
  furtherMarket: 'settle, each further market of the account',
  settleDearestBatch: 'settle a batch of 32 that open, each in its eighth market and for a builder',
  closeNow: 'immediate close',
  liquidate: 'liquidate',
  liquidateEachOf10: 'liquidate, each of 10',
  requestDeposit: 'request a deposit of liquidity',
  requestRedeem: 'request a redemption',
  propose: 'propose a change of one parameter',
  proposeTwenty: 'propose twenty of them',
  vote: 'vote',
  voteBySig: 'vote by signature',
  overrideVote: "vote with one's own tokens, after one's delegate",
  queue: 'queue a proposal',
  execute: 'execute it',
  delegate: 'delegate votes to another',
  priceUpdate: 'price update: verification of one signed update',
  feedReads: 'external feed reads, cold',
  indexRead: 'an index by both sources, asked again',
  observation: 'an observation',
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
