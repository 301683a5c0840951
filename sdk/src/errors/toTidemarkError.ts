import {
  type Abi,
  AbiDecodingZeroDataError,
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  RawContractError,
  RpcRequestError,
  SocketClosedError,
  TimeoutError,
  WebSocketRequestError,
} from 'viem';
import {
  derivativesEngineAbi,
  emergencyGuardianAbi,
  governanceAbi,
  governanceTokenAbi,
  liquidityVaultAbi,
  postConditionsAbi,
  priceOracleAbi,
  pythAbi,
  riskManagerAbi,
  riskStewardAbi,
  timelockAbi,
  treasuryAbi,
} from '../abi/index.ts';
import { describeRefusal } from './refusals.ts';
import {
  ContractRefusedError,
  RpcFailedError,
  RpcUnreachableError,
  TidemarkError,
  UnknownRevertError,
} from './tidemarkError.ts';

/** Errors are unique across the contracts, and any of them may come through any other. */
const ABIS: readonly Abi[] = [
  derivativesEngineAbi,
  liquidityVaultAbi,
  priceOracleAbi,
  pythAbi,
  riskManagerAbi,
  emergencyGuardianAbi,
  governanceAbi,
  governanceTokenAbi,
  postConditionsAbi,
  riskStewardAbi,
  timelockAbi,
  treasuryAbi,
];
const ERRORS = ABIS.flat().filter(({ type }) => type === 'error');

const UNREACHABLE = [TimeoutError, WebSocketRequestError, SocketClosedError];

/** Whatever a call on the chain threw, as an error that says what happened and what to do. */
export function toTidemarkError(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error;
  if (!(error instanceof BaseError)) {
    return new RpcFailedError(error instanceof Error ? error : new Error(String(error)));
  }
  const refused = decodeRefusal(error);
  if (refused) return refused;
  const http = error.walk((inner) => inner instanceof HttpRequestError) as HttpRequestError | null;
  // 429 and 5xx are the endpoint's trouble; another status is an answer.
  if (http && (http.status === undefined || http.status === 429 || http.status >= 500)) {
    return new RpcUnreachableError(error, http.url);
  }
  if (error.walk((inner) => UNREACHABLE.some((kind) => inner instanceof kind))) return new RpcUnreachableError(error);
  const reverted = error.walk(
    (inner) =>
      inner instanceof ContractFunctionRevertedError ||
      inner instanceof ContractFunctionZeroDataError ||
      inner instanceof AbiDecodingZeroDataError,
  );
  if (reverted) return new UnknownRevertError(reverted as Error);
  return new RpcFailedError(error);
}

/** The custom error inside of a viem error, or null when there is none that is known here. */
export function decodeRefusal(error: BaseError): ContractRefusedError | null {
  const data = revertData(error);
  if (!data) return null;
  try {
    const { errorName, args } = decodeErrorResult({ abi: ERRORS, data });
    return new ContractRefusedError(errorName, args ?? [], describeRefusal(errorName, args ?? []), error);
  } catch {
    return null;
  }
}

function revertData(error: BaseError): Hex | null {
  const reverted = error.walk((inner) => inner instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError && reverted.raw) return reverted.raw;
  const raw = error.walk((inner) => inner instanceof RawContractError || inner instanceof RpcRequestError);
  const data = (raw as { data?: unknown } | null)?.data;
  const hex = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data;
  return typeof hex === 'string' && /^0x[0-9a-f]{8,}$/i.test(hex) ? (hex as Hex) : null;
}

/** The one place that waits on the chain: runs a call and throws only {@link TidemarkError}. */
export async function onChain<result>(call: () => Promise<result>): Promise<result> {
  try {
    return await call();
  } catch (error) {
    throw toTidemarkError(error);
  }
}
