export * as Proposals from './builders.ts';
export { checkProposal, type ProposalProblem } from './checkProposal.ts';
export { embeddedAddresses, findMissingCode, type MissingCode } from './codeScan.ts';
export { type DecodedAction, decodeProposal } from './decodeProposal.ts';
export type { Description } from './description.ts';
export { type FetchMetadataOptions, fetchMetadata, readBlock } from './fetchMetadata.ts';
export { destinationOf, kindOfChange, type MarketParameters, RISK_FIELDS } from './marketChanges.ts';
export {
  cidOf,
  decodeMetadata,
  encodeMetadata,
  MAX_METADATA_BYTES,
  type MetadataLink,
  metadataDigest,
  type ProposalMetadata,
  parseDescription,
  requireBlock,
  type SimulationReport,
  toDescription,
} from './metadata.ts';
export {
  DescriptionMalformedError,
  type GatewayFailure,
  MetadataInvalidError,
  MetadataMismatchError,
  MetadataTooLargeError,
  MetadataUnavailableError,
} from './metadataErrors.ts';
export { ProposalInvalidError } from './proposalErrors.ts';
export {
  type GovernedExchange,
  PROPOSAL_KINDS,
  PROPOSAL_STATES,
  type ProposalAction,
  ProposalKind,
  type ProposalPart,
  ProposalState,
  Support,
  type Terms,
} from './proposalTypes.ts';
export { type Moment, timelineOf } from './timeline.ts';
export { type Change, changeSentence } from './words.ts';
