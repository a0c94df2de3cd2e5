// Typed views over the state's leaves: what an account, a token or a lane holds at the height that the reader stands for.

import { assert } from "../base/assert.js";
import { concatBytes, equalBytes } from "../base/bytes.js";
import {
  CODE_PIECE_BYTES,
  type ContractLeaf,
  codePieceKey,
  contractKey,
  decodeCodePiece,
  decodeContractLeaf,
} from "../protocol/contractLeaves.js";
import { type Delegate, decodeDelegates } from "../protocol/delegates.js";
import { decodeNameLeaf, type NameLeaf, nameKey } from "../protocol/nameLeaves.js";
import { type ChainParameters, decodeParameters } from "../protocol/parameters.js";
import { decodeNextDelegates, decodeRound, type NextDelegates, type Round } from "../protocol/round.js";
import { decodeSeedLeaf, type SeedLeaf, seedKey } from "../protocol/seed.js";
import {
  type AccountLeaf,
  accountKey,
  type BalanceLeaf,
  balanceKey,
  decodeAccountLeaf,
  decodeBalanceLeaf,
  decodeLaneLeaf,
  decodeReferenceLeaf,
  decodeSystemLeaf,
  decodeTokenLeaf,
  type LaneLeaf,
  laneKey,
  type ReferenceLeaf,
  referenceKey,
  systemKey,
  type TokenLeaf,
  tokenKey,
} from "../protocol/stateLeaves.js";
import type { TokenId } from "../protocol/tokens.js";

/** Anything that gives leaves by key: the state itself, one of its past heights, a test's map. */
export interface StateReader {
  /** The value of the leaf with this 32-byte key, which the caller must not change; undefined where there is none. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Reads ahead what `get` will be asked for: keys of 32 bytes, one behind the other. Absent where that gains nothing. */
  preload?(keys: Uint8Array): void;
}

/** Names of the chain's own leaves. */
export const PARAMETERS_LEAF = "parameters";
export const DELEGATES_LEAF = "delegates";
export const ROUND_LEAF = "round";
export const DELEGATES_NEXT_LEAF = "delegates-next";

const parametersKey = systemKey(PARAMETERS_LEAF);
const delegatesKey = systemKey(DELEGATES_LEAF);
const roundKey = systemKey(ROUND_LEAF);
const delegatesNextKey = systemKey(DELEGATES_NEXT_LEAF);

/** The account's leaf; undefined where the address has none. */
export function readAccount(state: StateReader, address: Uint8Array): AccountLeaf | undefined {
  const value = state.get(accountKey(address));
  return value && decodeAccountLeaf(value);
}

/** What `address` holds of a created token; undefined where nothing (the chain's own tokens stand in the account's leaf). */
export function readBalance(state: StateReader, address: Uint8Array, token: TokenId): BalanceLeaf | undefined {
  const value = state.get(balanceKey(address, token));
  return value && decodeBalanceLeaf(value);
}

/** The lane's leaf as it stands in the state, which may have expired: compare `heightExpires` with the height of interest. */
export function readLane(state: StateReader, address: Uint8Array, lane: number): LaneLeaf | undefined {
  const value = state.get(laneKey(address, lane));
  return value && decodeLaneLeaf(value);
}

/** When and by which transaction (payee, token, amount, reference) was paid; undefined where it was not, or long ago. */
export function readReference(
  state: StateReader,
  payee: Uint8Array,
  token: TokenId,
  amount: bigint,
  reference: Uint8Array,
): ReferenceLeaf | undefined {
  const value = state.get(referenceKey(payee, token, amount, reference));
  return value && decodeReferenceLeaf(value);
}

/** The token's leaf; undefined where no token has this id. */
export function readToken(state: StateReader, token: TokenId): TokenLeaf | undefined {
  const value = state.get(tokenKey(token));
  return value && decodeTokenLeaf(value);
}

/** The contract's leaf; undefined where the address has none. */
export function readContract(state: StateReader, address: Uint8Array): ContractLeaf | undefined {
  const value = state.get(contractKey(address));
  return value && decodeContractLeaf(value);
}

/** A contract's source, put together from its pieces. */
export function readContractSource(state: StateReader, address: Uint8Array, leaf: ContractLeaf): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let index = 0; index < Math.ceil(leaf.sourceBytes / CODE_PIECE_BYTES); index++) {
    const value = state.get(codePieceKey(address, index));
    assert(value !== undefined, "a contract has all pieces of its source");
    pieces.push(decodeCodePiece(value));
  }
  return concatBytes(...pieces);
}

/** The leaf of a name, or of one that looks like it; undefined where nobody holds either. */
export function readName(state: StateReader, name: string): NameLeaf | undefined {
  const value = state.get(nameKey(name));
  return value && decodeNameLeaf(value);
}

/** What was decoded last: they change by vote alone, each frame of transactions asks for them, and decoding takes 6 µs and leaves dozens of objects. */
let decodedLast: { value: Uint8Array; parameters: ChainParameters } | undefined;

/** The chain's parameters, which nobody may change. Every state from genesis on has them. */
export function readParameters(state: StateReader): Readonly<ChainParameters> {
  const value = state.get(parametersKey);
  assert(value !== undefined, "the state has no parameters: it was not begun from a genesis");
  if (decodedLast === undefined || !equalBytes(decodedLast.value, value)) {
    const parameters = decodeParameters(decodeSystemLeaf(value));
    const { quotes, rdpos, names, gas } = parameters;
    for (const part of [...quotes, quotes, rdpos, names, gas, parameters]) {
      Object.freeze(part);
    }
    decodedLast = { value: value.slice(), parameters };
  }
  return decodedLast.parameters;
}

/** The chain's seed and which blocks owe it a proof; undefined before anybody asked. */
export function readSeed(state: StateReader): SeedLeaf | undefined {
  const value = state.get(seedKey);
  return value && decodeSeedLeaf(value);
}

/** The delegates, in the order of their turns. Every state from genesis on has them. */
export function readDelegates(state: StateReader): Delegate[] {
  const value = state.get(delegatesKey);
  assert(value !== undefined, "the state has no delegates: it was not begun from a genesis");
  return decodeDelegates(decodeSystemLeaf(value));
}

/** The round that the next height belongs to. Every state from genesis on has one. */
export function readRound(state: StateReader): Round {
  const value = state.get(roundKey);
  assert(value !== undefined, "the state has no round: it was not begun from a genesis");
  return decodeRound(decodeSystemLeaf(value));
}

/** The set elected for the round to come, from its election on until it takes over. */
export function readNextDelegates(state: StateReader): NextDelegates | undefined {
  const value = state.get(delegatesNextKey);
  return value && decodeNextDelegates(decodeSystemLeaf(value));
}
