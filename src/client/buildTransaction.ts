// From actions to signed bytes: collects the signers, counts the fee from the chain's parameters, sets valid-until. Pure: all
// that it needs to know about the chain is in `ChainView`, so that a till can build and sign without a connection.

import { equalBytes, toHex } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import { feeTokensAllowed, transactionFee } from "../protocol/fees.js";
import { AMOUNT_MAX } from "../protocol/limits.js";
import type { Operation } from "../protocol/operations/operation.js";
import type { ChainParameters } from "../protocol/parameters.js";
import type { TokenId } from "../protocol/tokens.js";
import {
  chainTag,
  encodeBody,
  encodeTransaction,
  type Signer,
  type TransactionBody,
  transactionId,
} from "../protocol/transaction.js";
import type { Account } from "./account.js";
import { type Action, PACKAGE_GAS_OF_BLOCK } from "./actions.js";

/** What building needs to know of a chain; `TTChainClient.chain()` asks a node for it. */
export interface ChainView {
  /** 32 bytes. */
  genesisHash: Uint8Array;
  parameters: ChainParameters;
  /** The latest height known. */
  height: number;
}

/** How far ahead valid-until lies where nothing else is asked for, unless the chain allows less. */
export const VALID_HEIGHTS_DEFAULT = 600;

export interface TransactionOptions {
  /** In order; at least one. */
  actions: Action[];
  /** Whose lane the nonce lies in; the first action's signer where undefined. */
  sender?: Signer;
  lane: number;
  sequence: number;
  /** Who pays fee and deposits and signs too; the sender where undefined. */
  sponsor?: Signer;
  /** TTC where that is allowed, else the first moving token that is, where undefined. */
  feeToken?: TokenId;
  /** Units of the fee token on top of the fee, for a fee that may rise before the transaction is committed. 0 by default. */
  feeSlack?: bigint;
  /** The last height at which it may be committed; `height + min(window, 600)` where undefined. */
  validUntil?: number;
  /** Address of the Dapp that brought the payment. */
  partner?: Uint8Array;
  /** At most 256 bytes. */
  memo?: Uint8Array;
}

/** A transaction ready to be sent, as often as needed: its bytes never change. */
export interface SignedTransaction {
  /** 32 bytes. */
  id: Uint8Array;
  bytes: Uint8Array;
  validUntil: number;
  /** The body that was signed. */
  body: TransactionBody;
}

function addSigner(signers: Signer[], signer: Signer): number {
  const known = signers.findIndex((other) => equalBytes(other.address, signer.address));
  if (known < 0) {
    return signers.push({ address: signer.address, publicKey: signer.publicKey }) - 1;
  }
  if (!equalBytes(signers[known].publicKey, signer.publicKey)) {
    throw new CodedError("WRONG_KEY", `expected one key for account ${toHex(signer.address)}, got two`);
  }
  return known;
}

/** The fee token that a body of these operations pays in where none is named. */
export function defaultFeeToken(parameters: ChainParameters, operations: Operation[]): TokenId {
  const allowed = feeTokensAllowed(parameters, operations);
  return allowed.has("TTC") || allowed.size === 0 ? "TTC" : [...allowed][0];
}

/** Shares what a block has for packages among those of the transaction that name no limit of their own. */
function withPackageGas({ blockPackageGasMax }: ChainParameters, operations: Operation[]): Operation[] {
  const packages = operations.filter(({ kind }) => kind === "registerContract" || kind === "upgradeContract");
  const limits = (packages as { gasLimit: number }[]).map(({ gasLimit }) => gasLimit);
  const open = limits.filter((limit) => limit === PACKAGE_GAS_OF_BLOCK).length;
  const left = blockPackageGasMax - limits.reduce((sum, limit) => sum + limit, 0);
  const share = Math.max(1, Math.floor(left / Math.max(1, open)));
  return operations.map((operation) => {
    const isOpen =
      packages.includes(operation) && "gasLimit" in operation && operation.gasLimit === PACKAGE_GAS_OF_BLOCK;
    return isOpen ? { ...operation, gasLimit: share } : operation;
  });
}

/** The body of a transaction. Throws a coded error for actions that no body can hold. */
export function buildBody(chain: ChainView, options: TransactionOptions): TransactionBody {
  if (options.actions.length === 0) {
    throw new CodedError("MALFORMED", "expected at least one action, got none");
  }
  const signers: Signer[] = [];
  addSigner(signers, options.sender ?? options.actions[0].by);
  const wished = options.actions.map((action): Operation => {
    const account = addSigner(signers, action.by);
    return { ...action.operation, account } as Operation;
  });
  const operations = withPackageGas(chain.parameters, wished);
  for (const action of options.actions) {
    for (const signer of action.alsoSigning ?? []) {
      addSigner(signers, signer);
    }
  }
  const feePayer = options.sponsor === undefined ? 0 : addSigner(signers, options.sponsor);
  const feeToken = options.feeToken ?? defaultFeeToken(chain.parameters, operations);
  const feeLimit = transactionFee(chain.parameters, { feeToken, operations }) + (options.feeSlack ?? 0n);
  const window = Math.min(chain.parameters.validUntilHeightsMax, VALID_HEIGHTS_DEFAULT);
  return {
    chainTag: chainTag(chain.genesisHash),
    signers,
    feePayer,
    lane: options.lane,
    sequence: options.sequence,
    validUntil: options.validUntil ?? chain.height + window,
    feeToken,
    feeLimit: feeLimit > AMOUNT_MAX ? AMOUNT_MAX : feeLimit,
    ...(options.partner === undefined ? {} : { partner: options.partner }),
    ...(options.memo === undefined ? {} : { memo: options.memo }),
    operations,
  };
}

/** Signs a body with one account for each of its signers, in any order. Throws WRONG_KEY where one is missing. */
export function signBody(genesisHash: Uint8Array, body: TransactionBody, accounts: Account[]): SignedTransaction {
  const encoded = encodeBody(body);
  const signatures = body.signers.map((signer) => {
    const account = accounts.find(
      (candidate) => equalBytes(candidate.address, signer.address) && equalBytes(candidate.publicKey, signer.publicKey),
    );
    if (account === undefined) {
      throw new CodedError("WRONG_KEY", `expected the key of signer ${toHex(signer.address)} among the accounts`);
    }
    return account.signBody(genesisHash, encoded);
  });
  const bytes = encodeTransaction(encoded, signatures);
  return { id: transactionId(encoded), bytes, validUntil: body.validUntil, body };
}

/** `buildBody` and `signBody` in one step. */
export function buildTransaction(
  chain: ChainView,
  accounts: Account[],
  options: TransactionOptions,
): SignedTransaction {
  return signBody(chain.genesisHash, buildBody(chain, options), accounts);
}
