export { type Artifact, link, readArtifact } from './artifacts.ts';
export {
  type Deployer,
  type Deployment,
  deploy,
  type Journal,
} from './deploy.ts';
export { answerBounds, type Doubles, deployContract, deployDoubles } from './doubles.ts';
export { DeployError } from './errors.ts';
export {
  EXCLUDED,
  type GovernanceDeployment,
  type GovernancePlan,
  type HolderRole,
  TERMS,
} from './governance.ts';
export { type Holding, verifyHandOver } from './handOver.ts';
export * from './network.ts';
export { DEVNET_PRICE_KEYS, refuseWellKnown } from './publicKeys.ts';
