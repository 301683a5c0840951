export { type FetchMetadataOptions, fetchMetadata, readBlock } from './fetchMetadata.ts';
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
