// Where Foundry's native binaries are. The npm launchers exit 0 even when tests fail, so nothing calls those.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Path of a native Foundry binary for this machine.
 * @param {'forge' | 'anvil'} tool
 * @returns {string}
 * @throws When npm has no build of it for this platform.
 */
export function foundryBinary(tool) {
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `@foundry-rs/${tool}-${platform}-${arch}`;
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin', platform === 'win32' ? `${tool}.exe` : tool);
  } catch {
    throw new Error(
      `${name} is not installed: ${tool} has no build for ${platform} on ${arch}, or "npm ci" has not run.`,
    );
  }
}
