export { RpcBehindError, WrongChainError } from './rpcErrors.ts';
export { type RpcEvent, Rpcs, type RpcsOptions } from './rpcs.ts';
