export type { Document } from './document.ts';
export * from './generated/documents.ts';
export {
  HistoryClient,
  type HistoryListener,
  type HistoryOptions,
  type IndexStanding,
  Standing,
} from './historyClient.ts';
export { HistoryMalformedError, HistoryRefusedError, HistoryUnreachableError } from './historyErrors.ts';
