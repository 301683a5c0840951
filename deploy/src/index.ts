export { type Artifact, readArtifact } from './artifacts.ts';
export {
  type Deployer,
  type Deployment,
  deploy,
  deployContract,
  type Journal,
  refuseWellKnown,
} from './deploy.ts';
export { DEVNET_PRICE_KEYS, type Doubles, deployDoubles } from './doubles.ts';
export { DeployError } from './errors.ts';
export * from './network.ts';
