import { GraphQLError } from 'graphql';
import { IndexerError } from '../errors.ts';

/** The port of a gateway cannot be had. */
export class GatewayPortError extends IndexerError {
  override name = 'GatewayPortError';

  constructor(host: string, port: number, cause: unknown) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    super(`GraphQL cannot be served at ${host}:${port} (${reason}).`, 'Choose another port.', cause);
  }
}

/** The graph-node does not answer as one does. */
export class GraphNodeError extends IndexerError {
  override name = 'GraphNodeError';
}

/** Why a client gets nothing: code and HTTP's status, for programs. */
export const refusal = (code: string, status: number, message: string) =>
  new GraphQLError(message, { extensions: { code, status } });

export const tooMany = (what: string, limit: number, next: string) =>
  refusal('TOO_MANY', 429, `${what} may be ${limit} at most. ${next}`);

/** Of the gateway's own troubles a client is told only that there are some. */
export const unavailable = () => refusal('UNAVAILABLE', 503, 'The gateway cannot answer at present. Ask again later.');
