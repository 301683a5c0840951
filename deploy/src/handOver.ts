import { type AnyClient, derivativesEngineAbi, liquidityVaultAbi } from '@tidemark/sdk';
import {
  type Abi,
  type Address,
  type BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  type Hex,
  isAddressEqual,
  keccak256,
  parseAbi,
  size,
  slice,
  stringToHex,
  zeroAddress,
} from 'viem';
import { getBlockNumber, getCode, getLogs, getStorageAt, readContract, simulateContract } from 'viem/actions';
import { link, type Runtime, readArtifact, readRuntime } from './artifacts.ts';
import type { Deployment } from './deploy.ts';
import { DeployError } from './errors.ts';
import { EXCLUDED } from './governance.ts';

/** A role of one contract, and one who holds it. */
export interface Holding {
  readonly contract: 'oracle' | 'engine' | 'vault' | 'timelock';
  readonly role: string;
  readonly holder: Address;
}

const ROLES = [
  'DEFAULT_ADMIN_ROLE',
  'CONFIGURATOR_ROLE',
  'UPGRADER_ROLE',
  'GUARDIAN_ROLE',
  'VAULT_ROLE',
  'PROPOSER_ROLE',
  'CANCELLER_ROLE',
  'EXECUTOR_ROLE',
];
/** What a deployer holds when the contracts are made, the power to grant last. */
const OF_DEPLOYER = {
  oracle: ['CONFIGURATOR_ROLE', 'DEFAULT_ADMIN_ROLE'],
  vault: ['CONFIGURATOR_ROLE', 'UPGRADER_ROLE', 'DEFAULT_ADMIN_ROLE'],
  engine: ['CONFIGURATOR_ROLE', 'GUARDIAN_ROLE', 'UPGRADER_ROLE', 'DEFAULT_ADMIN_ROLE'],
  timelock: ['DEFAULT_ADMIN_ROLE'],
} as const;

const IMPLEMENTATION_SLOT = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
/** Blocks of one log request. */
const LOG_RANGE = 5_000n;
const accessAbi = parseAbi([
  'function hasRole(bytes32 role, address account) view returns (bool)',
  'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)',
  'event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)',
]);

/** Every role there is, and who is to hold it, by name too. */
function expectedOf({ vault, governance }: Deployment): (Holding & { name: string })[] {
  const { timelock, governor, emergencyGuardian, riskSteward } = governance;
  const holders = { vault, timelock, governor, emergencyGuardian, riskSteward };
  const held = (contract: Holding['contract'], name: keyof typeof holders, ...roles: string[]) =>
    roles.map((role) => ({ contract, role, holder: holders[name], name }));
  return [
    ...held('oracle', 'timelock', 'CONFIGURATOR_ROLE', 'DEFAULT_ADMIN_ROLE'),
    ...held('oracle', 'emergencyGuardian', 'GUARDIAN_ROLE'),
    ...held('vault', 'timelock', 'CONFIGURATOR_ROLE', 'UPGRADER_ROLE', 'DEFAULT_ADMIN_ROLE'),
    ...held('engine', 'timelock', 'CONFIGURATOR_ROLE', 'UPGRADER_ROLE', 'DEFAULT_ADMIN_ROLE'),
    ...held('engine', 'emergencyGuardian', 'GUARDIAN_ROLE'),
    ...held('engine', 'riskSteward', 'CONFIGURATOR_ROLE'),
    ...held('engine', 'vault', 'VAULT_ROLE'),
    ...held('timelock', 'governor', 'PROPOSER_ROLE', 'CANCELLER_ROLE', 'EXECUTOR_ROLE'),
    // Its own, from its constructor: only what was proposed grants its roles.
    ...held('timelock', 'timelock', 'DEFAULT_ADMIN_ROLE'),
  ];
}

const targetsOf = ({ oracle, engine, vault, governance: { timelock } }: Deployment) => ({
  oracle,
  engine,
  vault,
  timelock,
});

/**
 * Gives every role to whoever is to hold it; the deployer keeps none.
 * @param me The deployer.
 */
export async function handOver(
  deployment: Deployment,
  me: Address,
  send: (name: string, to: Address, data: Hex) => Promise<Hex>,
): Promise<void> {
  const abi = derivativesEngineAbi;
  const targets = targetsOf(deployment);
  const given = expectedOf(deployment).filter(({ contract, holder }) => holder !== targets[contract]);
  for (const { contract, role, holder, name } of given) {
    const grant = encodeFunctionData({ abi, functionName: 'grantRole', args: [roleId(role), holder] });
    await send(`${contract}: grant ${role} to ${name}`, targets[contract], grant);
  }
  for (const [contract, roles] of Object.entries(OF_DEPLOYER)) {
    for (const role of roles) {
      const renounce = encodeFunctionData({ abi, functionName: 'renounceRole', args: [roleId(role), me] });
      await send(`${contract}: renounce ${role}`, targets[contract as Holding['contract']], renounce);
    }
  }
}

/**
 * Proves by the chain alone that an exchange is its governor's: nobody but those expected holds any role, nothing can be
 * initialised, every contract's code is the build's, and the contracts name each other.
 * @param fromBlock Where the exchange was deployed, or any earlier block.
 * @returns Who holds what.
 * @throws {DeployError} With what is not so.
 */
export async function verifyHandOver(
  client: AnyClient,
  deployment: Deployment,
  fromBlock = 0n,
): Promise<readonly Holding[]> {
  await verifyCode(client, deployment);
  await verifyNames(client, deployment);
  await verifyInitialised(client, deployment);
  const holdings = await readRoles(client, deployment, fromBlock);
  const found = new Set(holdings.map(toLine));
  const expected = new Set(expectedOf(deployment).map(toLine));
  const stray = [...found].find((line) => !expected.has(line));
  const absent = [...expected].find((line) => !found.has(line));
  if (stray) throw new DeployError(`${stray}, who is not to.`, 'Have it revoked before anybody uses the exchange.');
  if (absent) throw new DeployError(`Still to be done: ${absent}.`, 'Go on with the deployment by its journal.');
  return holdings;
}

const toLine = ({ contract, role, holder }: Holding) => `${holder.toLowerCase()} holds ${role} of the ${contract}`;

/** Who holds what, by the events of every contract, and by what each says when it is asked. */
async function readRoles(client: AnyClient, deployment: Deployment, fromBlock: bigint): Promise<Holding[]> {
  const targets = targetsOf(deployment);
  const nameOf = new Map(Object.entries(targets).map(([name, address]) => [address.toLowerCase(), name]));
  const roleOf = new Map(ROLES.map((role) => [roleId(role), role]));
  const held = new Map<string, Holding & { id: Hex }>();
  const last = await getBlockNumber(client);
  for (let from = fromBlock; from <= last; from += LOG_RANGE) {
    const toBlock = from + LOG_RANGE - 1n < last ? from + LOG_RANGE - 1n : last;
    const logs = await getLogs(client, {
      address: Object.values(targets),
      events: accessAbi.filter((item) => item.type === 'event'),
      fromBlock: from,
      toBlock,
      strict: true,
    });
    for (const { address, eventName, args } of logs) {
      const contract = nameOf.get(address.toLowerCase()) as Holding['contract'];
      const { role: id, account: holder } = args;
      const holding = { contract, role: roleOf.get(id) ?? id, holder, id };
      if (eventName === 'RoleGranted') held.set(toLine(holding), holding);
      else held.delete(toLine(holding));
    }
  }
  for (const holding of held.values()) {
    const { contract, id, holder } = holding;
    const call = { address: targets[contract], abi: accessAbi, functionName: 'hasRole', args: [id, holder] } as const;
    if (!(await readContract(client, call)))
      throw new DeployError(`By its events ${toLine(holding)}, but it says no.`, 'Do not trust its code.');
  }
  return [...held.values()].map(({ id: _, ...holding }) => holding);
}

/** That nobody can initialise a proxy again, or what stands behind it. */
async function verifyInitialised(client: AnyClient, { engine, vault, code }: Deployment): Promise<void> {
  const stranger = EXCLUDED;
  for (const [address, abi, args] of [
    [engine, derivativesEngineAbi, [stranger]],
    [code.DerivativesEngine, derivativesEngineAbi, [stranger]],
    [vault, liquidityVaultAbi, [stranger, '', '']],
    [code.LiquidityVault, liquidityVaultAbi, [stranger, '', '']],
  ] as const) {
    const call = { address: address as Address, abi: abi as Abi, functionName: 'initialize', args, account: stranger };
    const refusal = await simulateContract(client, call).then(
      () => undefined,
      (error: BaseError) => error.walk((inner) => inner instanceof ContractFunctionRevertedError),
    );
    if ((refusal as ContractFunctionRevertedError | undefined)?.data?.errorName === 'InvalidInitialization') continue;
    throw new DeployError(`Anybody may initialise ${address}.`, 'Deploy anew.');
  }
}

/**
 * That what stands on the chain is the build's, with no address in it but the deployment's own. Not asked of the tokens and
 * price sources that the exchange was given.
 */
async function verifyCode(client: AnyClient, deployment: Deployment): Promise<void> {
  const { oracle, engine, riskManager, vault, governance, code } = deployment;
  const contracts: readonly (readonly [string, Address])[] = [
    ...Object.entries(code),
    ['PriceOracle', oracle],
    ['RiskManager', riskManager],
    ['ERC1967Proxy', engine],
    ['ERC1967Proxy', vault],
    ['GovernanceToken', governance.token],
    ['TimelockController', governance.timelock],
    ['Governance', governance.governor],
    ['ProposalPolicy', governance.policy],
    ['ExchangeValidator', governance.validator],
    ['PostConditions', governance.postConditions],
    ['Treasury', governance.treasury],
    ['EmergencyGuardian', governance.emergencyGuardian],
    ['RiskSteward', governance.riskSteward],
  ];
  const { pyth, usdc, uptimeFeed, usdcFeed } = deployment;
  const sources = [pyth, usdc, uptimeFeed ?? zeroAddress, usdcFeed ?? zeroAddress];
  const known = new Set([...contracts.map(([, address]) => address), ...sources].map((one) => one.toLowerCase()));
  for (const [name, address] of contracts) {
    const runtime = link(readRuntime(name), code);
    const stands = (await getCode(client, { address })) ?? '0x';
    const foreign = () => new DeployError(`The code at ${address} is not that of ${name}.`, 'Deploy anew.');
    if (size(stands) !== size(runtime.bytecode)) throw foreign();
    const holes = [...runtime.immutables, ...ownAddress(runtime)];
    if (blank(stands, holes) !== blank(runtime.bytecode, holes)) throw foreign();
    for (const { start, length } of runtime.immutables) {
      const word = slice(stands, start, start + length);
      // Anything else is no address: a small number, or a hash.
      if (!/^0x0{24}(?!0{24})/.test(word) || known.has(`0x${word.slice(26)}`)) continue;
      throw new DeployError(`${name} at ${address} names ${word}, which is none of the deployment's.`, 'Deploy anew.');
    }
  }
  for (const [proxy, logic] of [
    [engine, code.DerivativesEngine],
    [vault, code.LiquidityVault],
  ] as const) {
    const word = await getStorageAt(client, { address: proxy, slot: IMPLEMENTATION_SLOT });
    if (word === undefined || !isAddressEqual(slice(word, 12), logic as Address))
      throw new DeployError(`The code behind ${proxy} is not ${logic}.`, 'Deploy anew.');
  }
}

/** A library's code begins with its own address. */
function ownAddress({ bytecode }: Runtime): Runtime['immutables'] {
  return bytecode.startsWith(`0x73${'0'.repeat(40)}30`) ? [{ start: 1, length: 20 }] : [];
}

function blank(code: Hex, holes: Runtime['immutables']): string {
  let text: string = code;
  for (const { start, length } of holes) {
    const [from, to] = [2 + 2 * start, 2 + 2 * (start + length)];
    text = text.slice(0, from) + '0'.repeat(to - from) + text.slice(to);
  }
  return text.toLowerCase();
}

/** That the contracts of the governance name each other and the plan's Safes. */
async function verifyNames(client: AnyClient, { engine, oracle, vault, governance: g }: Deployment): Promise<void> {
  const names: readonly (readonly [string, Address, string, readonly unknown[], Address])[] = [
    ['Governance', g.governor, 'token', [], g.token],
    ['Governance', g.governor, 'timelock', [], g.timelock],
    ['Governance', g.governor, 'policy', [], g.policy],
    ['Governance', g.governor, 'council', [], g.council],
    ['ProposalPolicy', g.policy, 'timelock', [], g.timelock],
    ['ProposalPolicy', g.policy, 'postConditions', [], g.postConditions],
    ['PostConditions', g.postConditions, 'timelock', [], g.timelock],
    ['ExchangeValidator', g.validator, 'engine', [], engine],
    ['ExchangeValidator', g.validator, 'oracle', [], oracle],
    ['ExchangeValidator', g.validator, 'vault', [], vault],
    ['ExchangeValidator', g.validator, 'treasury', [], g.treasury],
    ['Treasury', g.treasury, 'timelock', [], g.timelock],
    ['GovernanceToken', g.token, 'delegates', [g.treasury], EXCLUDED],
    ['EmergencyGuardian', g.emergencyGuardian, 'timelock', [], g.timelock],
    ['EmergencyGuardian', g.emergencyGuardian, 'holder', [], g.guardian],
    ['RiskSteward', g.riskSteward, 'timelock', [], g.timelock],
    ['RiskSteward', g.riskSteward, 'holder', [], g.steward],
  ];
  for (const [contract, address, functionName, args, expected] of names) {
    const { abi } = readArtifact(contract);
    const found = (await readContract(client, { address, abi, functionName, args })) as Address;
    if (isAddressEqual(found, expected)) continue;
    throw new DeployError(`${contract}.${functionName} is ${found} instead of ${expected}.`, 'Deploy anew.');
  }
}

function roleId(role: string): Hex {
  return role === 'DEFAULT_ADMIN_ROLE' ? `0x${'0'.repeat(64)}` : keccak256(stringToHex(role));
}
