// Written by scripts/documents.ts: do not edit.
import type { Hex } from 'viem';
import type { Document } from '../document.ts';

export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An integer of any size, as text. */
  BigInt: { input: bigint; output: bigint; }
  /** A decimal number of up to 34 significant digits, as text. */
  BigDecimal: { input: string; output: string; }
  /** Bytes in hexadecimal digits, with 0x. */
  Bytes: { input: Hex; output: Hex; }
  /** An integer of 64 bits, as text. */
  Int8: { input: bigint; output: bigint; }
  /** Microseconds since 1970, as text. */
  Timestamp: { input: bigint; output: bigint; }
};

export type Side =
  | 'long'
  | 'short';

export type MarketState =
  | 'open'
  | 'reduceOnly'
  | 'settled';

export type CandleInterval =
  | 'minute'
  | 'fiveMinutes'
  | 'fifteenMinutes'
  | 'hour'
  | 'fourHours'
  | 'day';

export type Period =
  | 'day'
  | 'week'
  | 'all';

export type TransferKind =
  | 'deposit'
  | 'withdrawal'
  | 'moveIn'
  | 'moveOut'
  | 'credit';

export type PositionChangeKind =
  | 'order'
  | 'close'
  | 'liquidation'
  | 'deferral'
  | 'crystallisation'
  | 'settlement'
  | 'deleveraging';

export type TradeKind =
  | 'order'
  | 'close'
  | 'liquidation';

export type OrderKind =
  | 'market'
  | 'limit'
  | 'stop'
  | 'takeProfit'
  | 'stopLoss';

export type OrderStatus =
  | 'committed'
  | 'filled'
  | 'failed'
  | 'released'
  | 'expired';

export type OrderFailure =
  | 'Purged'
  | 'LimitExceeded'
  | 'NothingToReduce'
  | 'CapReached'
  | 'Dust'
  | 'MarginTooLow'
  | 'EquityNegative'
  | 'TooManyPositions'
  | 'OpeningPaused'
  | 'TooLarge'
  | 'PositionEnded';

export type OrderRefusal =
  | 'SignatureInvalid'
  | 'ZeroSize'
  | 'TermsInvalid'
  | 'DeadlinePassed'
  | 'NonceUsed'
  | 'OrdersPending'
  | 'BuilderNotApproved'
  | 'DelegateNotPermitted'
  | 'DelegateLimit'
  | 'TriggerNotMet'
  | 'PositionEnded'
  | 'MarginTooLow'
  | 'AccountOfEarnings'
  | 'IndexStale'
  | 'OrdersElsewhere';

export type VaultRequestKind =
  | 'deposit'
  | 'redemption';

export type VaultRequestStatus =
  | 'pending'
  | 'claimed'
  | 'refunded';

export type OracleChangeKind =
  | 'observed'
  | 'breaker'
  | 'halted'
  | 'released'
  | 'closingBegun'
  | 'closingCancelled'
  | 'closingVoted'
  | 'closingChallenged';

export type PriceState =
  | 'Normal'
  | 'Strained'
  | 'Guarded'
  | 'Single'
  | 'Fallback'
  | 'Halted'
  | 'SequencerDown';

export type ProposalKind =
  | 'Parameter'
  | 'Market'
  | 'Risk'
  | 'Upgrade';

export type ProposalState =
  | 'proposed'
  | 'queued'
  | 'executed'
  | 'canceled';

export type VoteSupport =
  | 'against'
  | 'for'
  | 'abstain';

export type AccountHistoryQueryVariables = Exact<{
  account: Scalars['String']['input'];
  before: Scalars['Int8']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
}>;


export type AccountHistoryQuery = { orders: Array<{ id: string, kind: OrderKind, status: OrderStatus, reason?: OrderFailure | null, actual?: bigint | null, needed?: bigint | null, sizeDelta: bigint, limitPrice: bigint, triggerPrice?: bigint | null, triggerAbove?: boolean | null, reduceOnly: boolean, attached: boolean, nonce: bigint, keeperFee: bigint, filled: bigint, keeper?: Hex | null, committedAt: bigint, committedBy: Hex, settledAt?: bigint | null, settledBy?: Hex | null, sequence: bigint, market: { id: string }, trade?: { id: Hex, price: bigint, cost: bigint, fee: bigint, realised: bigint } | null }>, trades: Array<{ id: Hex, kind: TradeKind, side: Side, sizeDelta: bigint, closed: bigint, price: bigint, cost: bigint, notional: bigint, fee: bigint, realised: bigint, funding: bigint, size: bigint, timestamp: bigint, block: bigint, transaction: Hex, sequence: bigint, market: { id: string }, update: { index: bigint, mark: bigint } }>, fundingPayments: Array<{ id: Hex, amount: bigint, size: bigint, since: bigint, timestamp: bigint, transaction: Hex, sequence: bigint, market: { id: string } }>, collateralTransfers: Array<{ id: Hex, kind: TransferKind, amount: bigint, margin: bigint, party?: Hex | null, timestamp: bigint, block: bigint, transaction: Hex, sequence: bigint }>, liquidations: Array<{ id: Hex, notional: bigint, realised: bigint, reward: bigint, penalty: bigint, badDebt: bigint, margin: bigint, timestamp: bigint, transaction: Hex, sequence: bigint }> };

export type LeaderboardQueryVariables = Exact<{
  period: Period;
  start: Scalars['BigInt']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  skip?: InputMaybe<Scalars['Int']['input']>;
}>;


export type LeaderboardQuery = { accountPeriodStats: Array<{ realised: bigint, netProfit: bigint, funding: bigint, fees: bigint, volume: bigint, tradeCount: number, wins: number, losses: number, liquidationCount: number, account: { id: Hex, owner: Hex, sub: bigint } }> };

export type MarketHistoryQueryVariables = Exact<{
  market: Scalars['String']['input'];
  interval: CandleInterval;
  before: Scalars['BigInt']['input'];
  candles?: InputMaybe<Scalars['Int']['input']>;
  trades?: InputMaybe<Scalars['Int']['input']>;
  hours?: InputMaybe<Scalars['Int']['input']>;
}>;


export type MarketHistoryQuery = { candles: Array<{ start: bigint, open: bigint, high: bigint, low: bigint, close: bigint, volume: bigint }>, trades: Array<{ id: Hex, kind: TradeKind, side: Side, sizeDelta: bigint, price: bigint, notional: bigint, timestamp: bigint, block: bigint, transaction: Hex }>, fundingRates: Array<{ start: bigint, rate: bigint, funding: bigint, index: bigint, skew: bigint }> };

export type MarketsQueryVariables = Exact<{ [key: string]: never; }>;


export type MarketsQuery = { protocol?: { pauseLevel: number, offPeg: boolean, volume: bigint, tradeCount: number, accountCount: number, poolCash: bigint, claims: bigint, netAssetValue: bigint, insurance: bigint } | null, markets: Array<{ id: string, number: number, state: MarketState, settlesAt?: bigint | null, index: bigint, indexAt: bigint, mark: bigint, longs: bigint, shorts: bigint, funding: bigint, fundingRate: bigint, accruedAt: bigint, skewSeconds: bigint, cash: bigint, config: Hex, keeperFeeCents: number, volume: bigint, feeds: Array<{ pythId: Hex }>, schedule?: { from: Hex, to: Hex, startedAt: bigint, endsAt: bigint, keeperFeeCents: number } | null }>, _meta?: { hasIndexingErrors: boolean, safe?: number | null, finalized?: number | null, block: { number: number, hash?: Hex | null, timestamp?: number | null } } | null };

export type PortfolioQueryVariables = Exact<{
  owner: Scalars['Bytes']['input'];
  since: Scalars['BigInt']['input'];
}>;


export type PortfolioQuery = { accounts: Array<{ id: Hex, sub: bigint, margin: bigint, deposited: bigint, withdrawn: bigint, movedIn: bigint, movedOut: bigint, realised: bigint, funding: bigint, fees: bigint, keeperFees: bigint, penalties: bigint, rewards: bigint, claim: bigint, volume: bigint, tradeCount: number, wins: number, losses: number, flaggedAt: bigint, markets: Array<{ volume: bigint, realised: bigint, funding: bigint, fees: bigint, tradeCount: number, wins: number, losses: number, market: { id: string } }>, positions: Array<{ id: string, side: Side, size: bigint, cash: bigint, checkpoint: number, generation: number, entryPrice: bigint, realised: bigint, fundingReceived: bigint, fundingAt: bigint, fees: bigint, openedAt: bigint, changedAt: bigint, market: { id: string, index: bigint, funding: bigint, longCheckpoint: number, shortCheckpoint: number } }>, orders: Array<{ id: string, kind: OrderKind, sizeDelta: bigint, limitPrice: bigint, triggerPrice?: bigint | null, triggerAbove?: boolean | null, reduceOnly: boolean, attached: boolean, committedAt: bigint, committedBy: Hex, market: { id: string } }>, snapshots: Array<{ start: bigint, equity: bigint, netDeposits: bigint, realised: bigint, funding: bigint, fees: bigint }> }> };

export type ProposalQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  votes?: InputMaybe<Scalars['Int']['input']>;
}>;


export type ProposalQuery = { proposal?: { id: string, ordinal: number, kind: ProposalKind, state: ProposalState, description: string, cid: string, metadataHash: Hex, voteStart: bigint, voteEnd: bigint, forVotes: bigint, againstVotes: bigint, abstainVotes: bigint, voterCount: number, thresholdBps: number, quorumBps: number, approvalBps: number, timelock: bigint, eta?: bigint | null, code: Hex, before: Hex, createdAt: bigint, queuedAt?: bigint | null, executedAt?: bigint | null, canceledAt?: bigint | null, createdBy: Hex, queuedBy?: Hex | null, executedBy?: Hex | null, canceledBy?: Hex | null, proposer: { id: Hex, votes: bigint }, metadata?: { id: string, valid: boolean, content: string, title?: string | null, summary?: string | null, body?: string | null, linkLabels: Array<string>, linkUrls: Array<string>, simulationCommand?: string | null, figureLabels: Array<string>, figureValues: Array<string> } | null, actions: Array<{ number: number, target: Hex, value: bigint, calldata: Hex, signature?: string | null, arguments: Array<string> }>, votes: Array<{ support: VoteSupport, weight: bigint, reason: string, overriding: boolean, timestamp: bigint, transaction: Hex, voter: { id: Hex } }> } | null };

export type ProposalsQueryVariables = Exact<{
  first?: InputMaybe<Scalars['Int']['input']>;
  skip?: InputMaybe<Scalars['Int']['input']>;
}>;


export type ProposalsQuery = { proposals: Array<{ id: string, ordinal: number, kind: ProposalKind, state: ProposalState, cid: string, metadataHash: Hex, voteStart: bigint, voteEnd: bigint, forVotes: bigint, againstVotes: bigint, abstainVotes: bigint, quorumBps: number, approvalBps: number, timelock: bigint, eta?: bigint | null, createdAt: bigint, metadata?: { valid: boolean, title?: string | null, summary?: string | null } | null }>, delegates: Array<{ id: Hex, votes: bigint, delegatorCount: number, voteCount: number, proposalCount: number }> };

export type StatementQueryVariables = Exact<{
  account: Scalars['String']['input'];
  from: Scalars['BigInt']['input'];
  to: Scalars['BigInt']['input'];
  after: Scalars['Int8']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
}>;


export type StatementQuery = { positionChanges: Array<{ id: Hex, kind: PositionChangeKind, sizeDelta: bigint, cost: bigint, funding: bigint, fundingReceived: bigint, realised: bigint, moved: bigint, fee: bigint, size: bigint, cash: bigint, timestamp: bigint, block: bigint, transaction: Hex, sequence: bigint, market: { id: string } }>, collateralTransfers: Array<{ id: Hex, kind: TransferKind, amount: bigint, margin: bigint, party?: Hex | null, timestamp: bigint, block: bigint, transaction: Hex, sequence: bigint }> };

export type StatisticsQueryVariables = Exact<{
  days?: InputMaybe<Scalars['Int']['input']>;
  points?: InputMaybe<Scalars['Int']['input']>;
}>;


export type StatisticsQuery = { protocolDays: Array<{ start: bigint, volume: bigint, fees: bigint, tradeCount: number, liquidationCount: number, liquidated: bigint, activeAccounts: number, newAccounts: number, deposited: bigint, withdrawn: bigint, longInterest: bigint, shortInterest: bigint }>, marketStats: Array<{ timestamp: bigint, volume: bigint, fees: bigint, liquidated: bigint, longs: bigint, shorts: bigint, longInterest: bigint, shortInterest: bigint, index: bigint, market: { id: string } }>, liquidations: Array<{ id: Hex, notional: bigint, reward: bigint, penalty: bigint, badDebt: bigint, timestamp: bigint, transaction: Hex, account: { id: Hex }, market: { id: string } }>, deleveragings: Array<{ id: string, side: Side, fraction: bigint, taken: bigint, index: bigint, timestamp: bigint, transaction: Hex, market: { id: string } }>, oracleStateChanges: Array<{ kind: OracleChangeKind, state?: PriceState | null, reason?: number | null, from?: bigint | null, until?: bigint | null, timestamp: bigint, transaction: Hex, market?: { id: string } | null }> };

export type VaultQueryVariables = Exact<{
  controller: Scalars['Bytes']['input'];
  provider: Scalars['ID']['input'];
  days?: InputMaybe<Scalars['Int']['input']>;
}>;


export type VaultQuery = { vault?: { address: Hex, supply: bigint, sharePrice: bigint, lowest: bigint, highest: bigint, utilisationBps: number, settledEpoch: bigint, pendingAssets: bigint, pendingShares: bigint, minCooldown: bigint, maxCooldown: bigint, depositLock: bigint, outflowCapBps: number } | null, protocol?: { poolCash: bigint, owed: bigint, claims: bigint, netAssetValue: bigint, insurance: bigint, badDebt: bigint, badDebtCovered: bigint } | null, vaultDays: Array<{ start: bigint, netAssetValue: bigint, poolCash: bigint, supply: bigint, sharePrice: bigint, lowestSharePrice: bigint, highestSharePrice: bigint, utilisationBps: number, deposited: bigint, redeemed: bigint }>, vaultEpoches: Array<{ epoch: bigint, lowest: bigint, highest: bigint, sharePrice: bigint, depositedAmount: bigint, redeemedAmount: bigint, waitingShares: bigint, refusedAssets: bigint, timestamp: bigint, transaction: Hex }>, insuranceDays: Array<{ start: bigint, balance: bigint, funded: bigint, covered: bigint }>, vaultRequests: Array<{ id: string, kind: VaultRequestKind, status: VaultRequestStatus, epoch: bigint, owner: Hex, amount: bigint, claimed: bigint, refunded: bigint, requestedAt: bigint, claimedAt?: bigint | null, transaction: Hex }>, liquidityProvider?: { shares: bigint, deposited: bigint, redeemed: bigint } | null };

export const AccountHistory: Document<AccountHistoryQuery, AccountHistoryQueryVariables> = {
  "name": "AccountHistory",
  "source": "query AccountHistory($account:String!$before:Int8!$first:Int=50){orders(where:{account:$account sequence_lt:$before}orderBy:sequence orderDirection:desc first:$first){id market{id}kind status reason actual needed sizeDelta limitPrice triggerPrice triggerAbove reduceOnly attached nonce keeperFee filled keeper trade{id price cost fee realised}committedAt committedBy settledAt settledBy sequence}trades(where:{account:$account sequence_lt:$before}orderBy:sequence orderDirection:desc first:$first){id market{id}kind side sizeDelta closed price cost notional fee realised funding size update{index mark}timestamp block transaction sequence}fundingPayments(where:{account:$account sequence_lt:$before}orderBy:sequence orderDirection:desc first:$first){id market{id}amount size since timestamp transaction sequence}collateralTransfers(where:{account:$account sequence_lt:$before}orderBy:sequence orderDirection:desc first:$first){id kind amount margin party timestamp block transaction sequence}liquidations(where:{account:$account sequence_lt:$before}orderBy:sequence orderDirection:desc first:$first){id notional realised reward penalty badDebt margin timestamp transaction sequence}}",
  "integers": {
    "orders": {
      "actual": true,
      "needed": true,
      "sizeDelta": true,
      "limitPrice": true,
      "triggerPrice": true,
      "nonce": true,
      "keeperFee": true,
      "filled": true,
      "trade": {
        "price": true,
        "cost": true,
        "fee": true,
        "realised": true
      },
      "committedAt": true,
      "settledAt": true,
      "sequence": true
    },
    "trades": {
      "sizeDelta": true,
      "closed": true,
      "price": true,
      "cost": true,
      "notional": true,
      "fee": true,
      "realised": true,
      "funding": true,
      "size": true,
      "update": {
        "index": true,
        "mark": true
      },
      "timestamp": true,
      "block": true,
      "sequence": true
    },
    "fundingPayments": {
      "amount": true,
      "size": true,
      "since": true,
      "timestamp": true,
      "sequence": true
    },
    "collateralTransfers": {
      "amount": true,
      "margin": true,
      "timestamp": true,
      "block": true,
      "sequence": true
    },
    "liquidations": {
      "notional": true,
      "realised": true,
      "reward": true,
      "penalty": true,
      "badDebt": true,
      "margin": true,
      "timestamp": true,
      "sequence": true
    }
  }
};

export const Leaderboard: Document<LeaderboardQuery, LeaderboardQueryVariables> = {
  "name": "Leaderboard",
  "source": "query Leaderboard($period:Period!$start:BigInt!$first:Int=100$skip:Int=0){accountPeriodStats(where:{period:$period start:$start}orderBy:netProfit orderDirection:desc first:$first skip:$skip){account{id owner sub}realised netProfit funding fees volume tradeCount wins losses liquidationCount}}",
  "integers": {
    "accountPeriodStats": {
      "account": {
        "sub": true
      },
      "realised": true,
      "netProfit": true,
      "funding": true,
      "fees": true,
      "volume": true
    }
  }
};

export const MarketHistory: Document<MarketHistoryQuery, MarketHistoryQueryVariables> = {
  "name": "MarketHistory",
  "source": "query MarketHistory($market:String!$interval:CandleInterval!$before:BigInt!$candles:Int=500$trades:Int=50$hours:Int=168){candles(where:{market:$market interval:$interval start_lt:$before}orderBy:start orderDirection:desc first:$candles){start open high low close volume}trades(where:{market:$market}orderBy:sequence orderDirection:desc first:$trades){id kind side sizeDelta price notional timestamp block transaction}fundingRates(where:{market:$market}orderBy:start orderDirection:desc first:$hours){start rate funding index skew}}",
  "integers": {
    "candles": {
      "start": true,
      "open": true,
      "high": true,
      "low": true,
      "close": true,
      "volume": true
    },
    "trades": {
      "sizeDelta": true,
      "price": true,
      "notional": true,
      "timestamp": true,
      "block": true
    },
    "fundingRates": {
      "start": true,
      "rate": true,
      "funding": true,
      "index": true,
      "skew": true
    }
  }
};

export const Markets: Document<MarketsQuery, MarketsQueryVariables> = {
  "name": "Markets",
  "source": "query Markets{protocol(id:\"0\"){pauseLevel offPeg volume tradeCount accountCount poolCash claims netAssetValue insurance}markets(first:64 orderBy:number){id number feeds(first:1 orderBy:block orderDirection:desc where:{accepted:true}){pythId}state settlesAt index indexAt mark longs shorts funding fundingRate accruedAt skewSeconds cash config keeperFeeCents volume schedule{from to startedAt endsAt keeperFeeCents}}_meta{block{number hash timestamp}hasIndexingErrors safe finalized}}",
  "integers": {
    "protocol": {
      "volume": true,
      "poolCash": true,
      "claims": true,
      "netAssetValue": true,
      "insurance": true
    },
    "markets": {
      "settlesAt": true,
      "index": true,
      "indexAt": true,
      "mark": true,
      "longs": true,
      "shorts": true,
      "funding": true,
      "fundingRate": true,
      "accruedAt": true,
      "skewSeconds": true,
      "cash": true,
      "volume": true,
      "schedule": {
        "startedAt": true,
        "endsAt": true
      }
    }
  }
};

export const Portfolio: Document<PortfolioQuery, PortfolioQueryVariables> = {
  "name": "Portfolio",
  "source": "query Portfolio($owner:Bytes!$since:BigInt!){accounts(where:{owner:$owner}orderBy:sub first:100){id sub margin deposited withdrawn movedIn movedOut realised funding fees keeperFees penalties rewards claim volume tradeCount wins losses flaggedAt markets(first:64){market{id}volume realised funding fees tradeCount wins losses}positions(where:{open:true}first:64){id market{id index funding longCheckpoint shortCheckpoint}side size cash checkpoint generation entryPrice realised fundingReceived fundingAt fees openedAt changedAt}orders(where:{status:committed}first:8){id market{id}kind sizeDelta limitPrice triggerPrice triggerAbove reduceOnly attached committedAt committedBy}snapshots(where:{start_gte:$since}orderBy:start first:1000){start equity netDeposits realised funding fees}}}",
  "integers": {
    "accounts": {
      "sub": true,
      "margin": true,
      "deposited": true,
      "withdrawn": true,
      "movedIn": true,
      "movedOut": true,
      "realised": true,
      "funding": true,
      "fees": true,
      "keeperFees": true,
      "penalties": true,
      "rewards": true,
      "claim": true,
      "volume": true,
      "flaggedAt": true,
      "markets": {
        "volume": true,
        "realised": true,
        "funding": true,
        "fees": true
      },
      "positions": {
        "market": {
          "index": true,
          "funding": true
        },
        "size": true,
        "cash": true,
        "entryPrice": true,
        "realised": true,
        "fundingReceived": true,
        "fundingAt": true,
        "fees": true,
        "openedAt": true,
        "changedAt": true
      },
      "orders": {
        "sizeDelta": true,
        "limitPrice": true,
        "triggerPrice": true,
        "committedAt": true
      },
      "snapshots": {
        "start": true,
        "equity": true,
        "netDeposits": true,
        "realised": true,
        "funding": true,
        "fees": true
      }
    }
  }
};

export const Proposal: Document<ProposalQuery, ProposalQueryVariables> = {
  "name": "Proposal",
  "source": "query Proposal($id:ID!$votes:Int=1000){proposal(id:$id){id ordinal proposer{id votes}kind state description cid metadataHash metadata{id valid content title summary body linkLabels linkUrls simulationCommand figureLabels figureValues}actions(orderBy:number first:100){number target value calldata signature arguments}votes(orderBy:weight orderDirection:desc first:$votes){voter{id}support weight reason overriding timestamp transaction}voteStart voteEnd forVotes againstVotes abstainVotes voterCount thresholdBps quorumBps approvalBps timelock eta code before createdAt queuedAt executedAt canceledAt createdBy queuedBy executedBy canceledBy}}",
  "integers": {
    "proposal": {
      "proposer": {
        "votes": true
      },
      "actions": {
        "value": true
      },
      "votes": {
        "weight": true,
        "timestamp": true
      },
      "voteStart": true,
      "voteEnd": true,
      "forVotes": true,
      "againstVotes": true,
      "abstainVotes": true,
      "timelock": true,
      "eta": true,
      "createdAt": true,
      "queuedAt": true,
      "executedAt": true,
      "canceledAt": true
    }
  }
};

export const Proposals: Document<ProposalsQuery, ProposalsQueryVariables> = {
  "name": "Proposals",
  "source": "query Proposals($first:Int=50$skip:Int=0){proposals(orderBy:ordinal orderDirection:desc first:$first skip:$skip){id ordinal kind state cid metadataHash metadata{valid title summary}voteStart voteEnd forVotes againstVotes abstainVotes quorumBps approvalBps timelock eta createdAt}delegates(orderBy:votes orderDirection:desc first:100){id votes delegatorCount voteCount proposalCount}}",
  "integers": {
    "proposals": {
      "voteStart": true,
      "voteEnd": true,
      "forVotes": true,
      "againstVotes": true,
      "abstainVotes": true,
      "timelock": true,
      "eta": true,
      "createdAt": true
    },
    "delegates": {
      "votes": true
    }
  }
};

export const Statement: Document<StatementQuery, StatementQueryVariables> = {
  "name": "Statement",
  "source": "query Statement($account:String!$from:BigInt!$to:BigInt!$after:Int8!$first:Int=1000){positionChanges(where:{account:$account timestamp_gte:$from timestamp_lt:$to sequence_gt:$after}orderBy:sequence first:$first){id market{id}kind sizeDelta cost funding fundingReceived realised moved fee size cash timestamp block transaction sequence}collateralTransfers(where:{account:$account timestamp_gte:$from timestamp_lt:$to sequence_gt:$after}orderBy:sequence first:$first){id kind amount margin party timestamp block transaction sequence}}",
  "integers": {
    "positionChanges": {
      "sizeDelta": true,
      "cost": true,
      "funding": true,
      "fundingReceived": true,
      "realised": true,
      "moved": true,
      "fee": true,
      "size": true,
      "cash": true,
      "timestamp": true,
      "block": true,
      "sequence": true
    },
    "collateralTransfers": {
      "amount": true,
      "margin": true,
      "timestamp": true,
      "block": true,
      "sequence": true
    }
  }
};

export const Statistics: Document<StatisticsQuery, StatisticsQueryVariables> = {
  "name": "Statistics",
  "source": "query Statistics($days:Int=90$points:Int=1000){protocolDays(orderBy:start orderDirection:desc first:$days){start volume fees tradeCount liquidationCount liquidated activeAccounts newAccounts deposited withdrawn longInterest shortInterest}marketStats(interval:day current:include orderBy:timestamp orderDirection:desc first:$points){timestamp market{id}volume fees liquidated longs shorts longInterest shortInterest index}liquidations(orderBy:sequence orderDirection:desc first:50){id account{id}market{id}notional reward penalty badDebt timestamp transaction}deleveragings(orderBy:sequence orderDirection:desc first:50){id market{id}side fraction taken index timestamp transaction}oracleStateChanges(orderBy:sequence orderDirection:desc first:50){market{id}kind state reason from until timestamp transaction}}",
  "integers": {
    "protocolDays": {
      "start": true,
      "volume": true,
      "fees": true,
      "liquidated": true,
      "deposited": true,
      "withdrawn": true,
      "longInterest": true,
      "shortInterest": true
    },
    "marketStats": {
      "timestamp": true,
      "volume": true,
      "fees": true,
      "liquidated": true,
      "longs": true,
      "shorts": true,
      "longInterest": true,
      "shortInterest": true,
      "index": true
    },
    "liquidations": {
      "notional": true,
      "reward": true,
      "penalty": true,
      "badDebt": true,
      "timestamp": true
    },
    "deleveragings": {
      "fraction": true,
      "taken": true,
      "index": true,
      "timestamp": true
    },
    "oracleStateChanges": {
      "from": true,
      "until": true,
      "timestamp": true
    }
  }
};

export const Vault: Document<VaultQuery, VaultQueryVariables> = {
  "name": "Vault",
  "source": "query Vault($controller:Bytes!$provider:ID!$days:Int=365){vault(id:\"0\"){address supply sharePrice lowest highest utilisationBps settledEpoch pendingAssets pendingShares minCooldown maxCooldown depositLock outflowCapBps}protocol(id:\"0\"){poolCash owed claims netAssetValue insurance badDebt badDebtCovered}vaultDays(orderBy:start orderDirection:desc first:$days){start netAssetValue poolCash supply sharePrice lowestSharePrice highestSharePrice utilisationBps deposited redeemed}vaultEpoches(orderBy:epoch orderDirection:desc first:48){epoch lowest highest sharePrice depositedAmount redeemedAmount waitingShares refusedAssets timestamp transaction}insuranceDays(orderBy:start orderDirection:desc first:$days){start balance funded covered}vaultRequests(where:{controller:$controller}orderBy:requestedAt orderDirection:desc first:100){id kind status epoch owner amount claimed refunded requestedAt claimedAt transaction}liquidityProvider(id:$provider){shares deposited redeemed}}",
  "integers": {
    "vault": {
      "supply": true,
      "sharePrice": true,
      "lowest": true,
      "highest": true,
      "settledEpoch": true,
      "pendingAssets": true,
      "pendingShares": true,
      "minCooldown": true,
      "maxCooldown": true,
      "depositLock": true
    },
    "protocol": {
      "poolCash": true,
      "owed": true,
      "claims": true,
      "netAssetValue": true,
      "insurance": true,
      "badDebt": true,
      "badDebtCovered": true
    },
    "vaultDays": {
      "start": true,
      "netAssetValue": true,
      "poolCash": true,
      "supply": true,
      "sharePrice": true,
      "lowestSharePrice": true,
      "highestSharePrice": true,
      "deposited": true,
      "redeemed": true
    },
    "vaultEpoches": {
      "epoch": true,
      "lowest": true,
      "highest": true,
      "sharePrice": true,
      "depositedAmount": true,
      "redeemedAmount": true,
      "waitingShares": true,
      "refusedAssets": true,
      "timestamp": true
    },
    "insuranceDays": {
      "start": true,
      "balance": true,
      "funded": true,
      "covered": true
    },
    "vaultRequests": {
      "epoch": true,
      "amount": true,
      "claimed": true,
      "refunded": true,
      "requestedAt": true,
      "claimedAt": true
    },
    "liquidityProvider": {
      "shares": true,
      "deposited": true,
      "redeemed": true
    }
  }
};
