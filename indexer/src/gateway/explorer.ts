import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

/** Where `npm run build` puts the page. */
const FOLDER = new URL('../../dist/explorer/', import.meta.url);

const FILES: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/explorer.js': { name: 'explorer.js', type: 'text/javascript; charset=utf-8' },
  '/explorer.css': { name: 'explorer.css', type: 'text/css; charset=utf-8' },
};

/** Nothing is loaded from anywhere else, and nothing is sent there. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const isExplorer = (path: string) => Object.hasOwn(FILES, path);

/** Serves GraphiQL, a page to try queries and to read the schema. */
export async function explore(path: string, response: ServerResponse): Promise<void> {
  const file = FILES[path];
  const content = file && (await readFile(new URL(file.name, FOLDER)).catch(() => null));
  if (!file || !content) {
    response.writeHead(503, { 'content-type': 'text/plain' }).end('The page is not built: npm run build\n');
    return;
  }
  response.writeHead(200, { 'content-type': file.type, 'content-security-policy': POLICY }).end(content);
}
