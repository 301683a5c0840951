// Writes THIRD_PARTY.md: every locked package with its version and licence. With --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
const rows = new Set();
for (const [path, entry] of Object.entries(packages)) {
  const at = path.lastIndexOf('node_modules/');
  if (at < 0 || entry.link) continue;
  const name = entry.name ?? path.slice(at + 'node_modules/'.length);
  rows.add(`| ${name} | ${entry.version} | ${entry.license ?? 'see package'} |`);
}
const text = `# Third-party packages\n\nGenerated from package-lock.json by \`npm run third-party\`.\n\n| Package | Version | Licence |\n|---|---|---|\n${[...rows].sort().join('\n')}\n`;
const file = `${root}THIRD_PARTY.md`;
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error('THIRD_PARTY.md is out of date: run "npm run third-party".');
  process.exit(1);
}
