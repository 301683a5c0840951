// Proves that a failing Solidity test fails the pipeline: runs one, outside the tree, through the same launcher.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'tidemark-pipeline-'));
try {
  for (const name of ['scripts', 'foundry.toml', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  cpSync(join(root, 'contracts/test/foundry'), join(copy, 'contracts/test/foundry'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const run = (/** @type {boolean} */ fails) => {
    writeFileSync(
      join(copy, 'contracts/test/Deliberate.t.sol'),
      `// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n\nimport {Test} from "./foundry/Test.sol";\n\ncontract DeliberateTest is Test {\n    function test_Deliberate() public pure {\n        assertEq(uint256(1), ${fails ? 2 : 1}, "deliberate");\n    }\n}\n`,
    );
    return spawnSync(process.execPath, ['scripts/forge.mjs', 'test'], { cwd: copy, encoding: 'utf8' });
  };
  const good = run(false);
  const bad = run(true);
  if (good.status !== 0) throw new Error(`A passing test failed:\n${good.stdout}${good.stderr}`);
  if (bad.status === 0) throw new Error('A failing Solidity test left exit status 0.');
  console.log(`a passing test exits 0, a failing one exits ${bad.status}`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
