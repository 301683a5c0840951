import type { Ask } from './indexQueries.ts';

/** Asks a gateway by HTTP. @throws {Error} With what it says. */
export const askGateway =
  (url: string): Ask =>
  async (query, variables) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = (await response.json()) as {
      data?: Record<string, unknown>;
      errors?: { message: string }[];
    };
    if (errors?.[0] || !data) throw new Error(`The index refused ${query}: ${errors?.[0]?.message}`);
    return data;
  };
