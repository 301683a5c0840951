import 'graphiql/style.css';
import './explorer.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

const url = new URL('graphql', document.baseURI);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol.replace('http', 'ws');

const fetcher = createGraphiQLFetcher({
  url: url.href,
  wsClient: createClient({ url: socketUrl.href, lazy: true }),
});

const WELCOME = `# The newest block that is served.
# Write "subscription" in place of "query" to be told of each change.
query Newest {
  _meta {
    block {
      number
      timestamp
    }
  }
}
`;

const root = document.getElementById('explorer');
if (root) createRoot(root).render(createElement(GraphiQL, { fetcher, defaultQuery: WELCOME }));
