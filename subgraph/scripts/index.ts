export { buildSubgraph, type Target } from './build.ts';
export { compile } from './compile.ts';
export { SubgraphError } from './errors.ts';
