import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { createHandler, parseRequestParams, type Request } from 'graphql-http';
import { refusal } from './errors.ts';
import { type Answers, type Executor, refuseSubscription } from './executor.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Asked, Operation } from './operation.ts';
import { bodyOf } from './requests.ts';

const EVENTS = 'text/event-stream';
const SIGN_OF_LIFE = ':\n\n';

interface Asking {
  readonly address: string;
  readonly response: ServerResponse;
}

type Context = { readonly operation: Operation; readonly isWanted: () => boolean };

type Parameters = { query: string; variables?: Record<string, unknown> | null; operationName?: string | null };

/** GraphQL over HTTP, and, where a client accepts event streams, over Server-Sent Events, one operation a connection. */
export class GraphqlRoute {
  readonly #executor: Executor;
  readonly #limits: GatewayLimits;
  readonly #metrics: GatewayMetrics;
  readonly #handler;

  constructor(executor: Executor, limits: GatewayLimits, metrics: GatewayMetrics) {
    [this.#executor, this.#limits, this.#metrics] = [executor, limits, metrics];
    this.#handler = createHandler<IncomingMessage, Asking, Context>({
      onSubscribe: ({ context }, parameters) => {
        try {
          const operation = executor.read(askedOf(parameters, context.address));
          refuseSubscription(operation);
          const { document, operationName } = operation;
          const isWanted = () => !context.response.destroyed;
          return { schema: executor.schema, document, operationName, contextValue: { operation, isWanted } };
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      },
      execute: ({ contextValue }) => {
        const { operation, isWanted } = contextValue as Context;
        return executor.answer(operation, isWanted);
      },
    });
  }

  /** @throws {GraphQLError} What is refused before it is looked at, and what cannot be answered at present. */
  async answer(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    const body = request.method === 'POST' ? await bodyOf(request, this.#limits.body) : null;
    const asking: Request<IncomingMessage, Asking> = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body,
      raw: request,
      context: { address, response },
    };
    if (await this.#wantsEvents(asking)) return this.#stream(asking, response);
    const [content, { status, statusText, headers }] = await this.#handler(asking);
    response.writeHead(status, statusText, headers).end(content);
  }

  /** Clients that take both get events for subscriptions only. */
  async #wantsEvents(asking: Request<IncomingMessage, Asking>): Promise<boolean> {
    const types = (asking.raw.headers.accept ?? '').split(',').map((one) => one.split(';')[0]?.trim().toLowerCase());
    if (!types.includes(EVENTS)) return false;
    if (types.every((type) => type === EVENTS)) return true;
    const parameters = await parseRequestParams(asking).catch(() => null);
    if (parameters === null || Array.isArray(parameters)) return false;
    const { query, operationName } = parameters as Parameters;
    return this.#executor.kindOf(query, operationName ?? null) === OperationTypeNode.SUBSCRIPTION;
  }

  async #stream(asking: Request<IncomingMessage, Asking>, response: ServerResponse): Promise<void> {
    const parameters = await parseRequestParams(asking).catch((error: Error) => {
      throw refusal('BAD_REQUEST', 400, `${error.message}.`);
    });
    if (Array.isArray(parameters)) {
      const [content, { status, statusText, headers }] = parameters;
      response.writeHead(status, statusText, headers).end(content);
      return;
    }
    const operation = this.#executor.read(askedOf(parameters as Parameters, asking.context.address));
    if (operation.kind === OperationTypeNode.MUTATION && asking.method === 'GET')
      throw refusal('METHOD_NOT_ALLOWED', 405, 'A mutation is sent by POST.');
    const answers = await this.#answers(operation, response);
    response.once('close', () => answers.return());
    if (response.destroyed) await answers.return();
    response.writeHead(200, { 'content-type': `${EVENTS}; charset=utf-8`, 'cache-control': 'no-store' });
    const beat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(SIGN_OF_LIFE);
    }, this.#limits.heartbeat);
    try {
      await this.#write(response, SIGN_OF_LIFE);
      for await (const answer of answers)
        await this.#write(response, `event: next\ndata: ${JSON.stringify(answer)}\n\n`);
      await this.#write(response, 'event: complete\ndata:\n\n');
    } finally {
      clearInterval(beat);
      response.end();
    }
  }

  async #answers(operation: Operation, response: ServerResponse): Promise<Answers> {
    if (operation.kind !== OperationTypeNode.SUBSCRIPTION)
      return only(await this.#executor.answer(operation, () => !response.destroyed));
    const answers = await this.#executor.subscribe(operation);
    return 'next' in answers ? answers : only({ errors: answers });
  }

  /** Ends the connection of a client that does not take it in time. */
  async #write(response: ServerResponse, text: string): Promise<void> {
    if (response.destroyed || response.write(text)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#metrics.drops.inc({ reason: 'slow' });
        response.destroy();
      }, this.#limits.drain);
      const settle = () => {
        clearTimeout(timer);
        response.off('drain', settle).off('close', settle);
        resolve();
      };
      response.on('drain', settle).on('close', settle);
    });
  }
}

async function* only(answer: Awaited<ReturnType<Executor['answer']>>): Answers {
  yield answer;
}

export const askedOf = ({ query, variables, operationName }: Parameters, address: string): Asked => ({
  text: query,
  variables: variables ?? null,
  operationName: operationName ?? null,
  address,
});
