export { backUpFolder, restoreFolder } from './backup.ts';
export {
  type Database,
  type DatabaseConfig,
  openBackup,
  openDatabase,
  type Purpose,
  type Query,
  type Row,
} from './database.ts';
export { DatabaseFailedError, DatabaseTakenError } from './errors.ts';
