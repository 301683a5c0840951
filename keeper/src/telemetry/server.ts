import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TidemarkError } from '@tidemark/sdk';
import type { Telemetry } from './telemetry.ts';

/** Where the metrics and the health are served. */
export interface TelemetryServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` to Prometheus and `/health`: 200, or 503 with the reasons. Both answer while the chain does not.
 * @throws {TidemarkError} when the port cannot be had.
 */
export async function serveTelemetry(
  telemetry: Pick<Telemetry, 'scrape' | 'health' | 'metrics'>,
  { host, port }: { host: string; port: number },
): Promise<TelemetryServer> {
  const server = createServer(async (request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(405, 'text/plain', 'Only GET is served.\n');
    switch (request.url?.split('?')[0]) {
      case '/metrics':
        return answer(200, telemetry.metrics.registry.contentType, await telemetry.scrape());
      case '/health': {
        const health = telemetry.health();
        const status = health.status === 'ok' ? 200 : 503;
        return answer(status, 'application/json', `${JSON.stringify(health)}\n`);
      }
      default:
        return answer(404, 'text/plain', 'There are /metrics and /health.\n');
    }
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new TidemarkError(`Metrics cannot be served at ${host}:${port} (${reason}).`, {
      next: 'Give --metrics an address of this machine and a free port.',
    });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
