// The HTTP client of a node: every route of docs/api.md as a method. Errors are CodedError with the node's code, or
// NodeUnreachableError where no node answers. It keeps no state but the chain's identity.

import { equalBytes, fromHex, toHex } from "../base/bytes.js";
import { parseAddress } from "../protocol/address.js";
import { type Block, decodeBlock } from "../protocol/block.js";
import type {
  ContractActivityJson,
  ContractJson,
  ContractsJson,
  OracleRequestsJson,
} from "../protocol/contractApiTypes.js";
import type {
  CandidateJson,
  CandidatesJson,
  MastersJson,
  PartnersJson,
  ProposalsJson,
  VotesJson,
} from "../protocol/delegateApiTypes.js";
import { type Delegate, delegateSetHash } from "../protocol/delegates.js";
import { CodedError } from "../protocol/errors.js";
import { type Genesis, genesisHash } from "../protocol/genesis.js";
import { lvmJson } from "../protocol/lvmJson.js";
import { decodeLvmValue, type LvmValue } from "../protocol/lvmValue.js";
import type { NameJson } from "../protocol/nameApiTypes.js";
import { decodeNameLeaf, heldName, nameKey } from "../protocol/nameLeaves.js";
import type { ChainParameters } from "../protocol/parameters.js";
import type { DayTotalsJson, PaymentIndexJson, PaymentsJson } from "../protocol/paymentApiTypes.js";
import { type AccountLeaf, accountKey, decodeAccountLeaf } from "../protocol/stateLeaves.js";
import type { TokenId } from "../protocol/tokens.js";
import type { AddressLike } from "./actions.js";
import {
  type AccountState,
  accountAnswer,
  asArray,
  asNumber,
  asObject,
  asText,
  type BlockDetails,
  type BlockSummary,
  blockAnswer,
  delegatesIn,
  type HistoryEntry,
  type HistoryPage,
  historyAnswer,
  type LaneAnswer,
  laneAnswer,
  parametersAnswer,
  type ReferenceState,
  type Status,
  type SubmitResult,
  statusAnswer,
  submitAnswer,
  type TokenHolders,
  type TokenPage,
  type TokenState,
  type TransactionState,
  tokenAnswer,
  tokenHoldersAnswer,
  tokenPageAnswer,
  transactionStateAnswer,
} from "./answers.js";
import { encodeBatchFrame } from "./batchFrame.js";
import type { ChainView } from "./buildTransaction.js";
import { delay } from "./delay.js";
import type { PaymentDaysAsked, PaymentsAsked } from "./paymentsAsked.js";
import { type HttpRequest, NodeUnreachableError, requestBytes, requestJson } from "./requestJson.js";
import { addressText, hashText, query } from "./requestTexts.js";
import {
  type DelegateChange,
  parseDelegateChange,
  parseStateProof,
  parseTransactionProof,
  type StateProof,
  type TransactionProof,
  type TrustedDelegates,
  verifyStateProof,
} from "./verifyProof.js";

export const DEFAULT_NODE_URL = "http://127.0.0.1:7070";
const DEFAULT_TIMEOUT_MS = 15_000;
/** Between two tries of a request that nobody answers. */
const PATIENCE_STEP_MS = 200;
/** What a request that waits for a commit may take beyond the wait itself. */
const WAIT_MARGIN_MS = 5_000;

export interface ClientOptions {
  /** The node; http://127.0.0.1:7070 where undefined. */
  url?: string;
  /** How long one request may take. */
  timeoutMs?: number;
  /** How long a request that only reads is tried again while no node answers; not at all where undefined. */
  patienceMs?: number;
  /** The chain that is meant, 32 bytes: a node of another chain is refused with WRONG_CHAIN. */
  genesisHash?: Uint8Array;
}

export class TTChainClient {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #timeoutMs: number;
  readonly #patienceMs: number;
  readonly #genesisHash: Uint8Array | undefined;

  constructor({
    url = DEFAULT_NODE_URL,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    patienceMs = 0,
    genesisHash,
  }: ClientOptions = {}) {
    if (!/^https?:\/\/[^/]/.test(url)) {
      throw new CodedError("BAD_REQUEST", `expected a URL such as ${DEFAULT_NODE_URL}, got "${url.slice(0, 100)}"`);
    }
    this.url = url.replace(/\/+$/, "");
    this.#timeoutMs = timeoutMs;
    this.#patienceMs = patienceMs;
    this.#genesisHash = genesisHash;
  }

  async #get(path: string): Promise<unknown> {
    const deadlineMs = performance.now() + this.#patienceMs;
    for (;;) {
      try {
        return await requestJson(this.url, path, {}, this.#timeoutMs);
      } catch (error) {
        if (!(error instanceof NodeUnreachableError) || performance.now() >= deadlineMs) {
          throw error;
        }
        await delay(PATIENCE_STEP_MS);
      }
    }
  }

  async status(): Promise<Status> {
    const status = statusAnswer(await this.#get("/v1/status"));
    if (this.#genesisHash !== undefined && status.chain.genesisHash !== toHex(this.#genesisHash)) {
      throw new CodedError(
        "WRONG_CHAIN",
        `expected the chain ${toHex(this.#genesisHash)}, got ${status.chain.genesisHash}`,
      );
    }
    return status;
  }

  /** The genesis file. Throws WRONG_CHAIN where it isn't the one of `genesisHash`, if that was given. */
  async genesis(): Promise<Genesis> {
    const genesis = asObject(await this.#get("/v1/genesis")) as unknown as Genesis;
    if (this.#genesisHash !== undefined && !equalBytes(genesisHash(genesis), this.#genesisHash)) {
      throw new CodedError("WRONG_CHAIN", `expected the genesis file with hash ${toHex(this.#genesisHash)}`);
    }
    return genesis;
  }

  /** The chain's parameters as of the latest height. */
  async parameters(): Promise<ChainParameters> {
    return parametersAnswer(await this.#get("/v1/parameters"));
  }

  /** What building a transaction needs: the chain's identity, parameters and height. */
  async chain(): Promise<ChainView> {
    const [status, parameters] = await Promise.all([this.status(), this.parameters()]);
    const hash = fromHex(status.chain.genesisHash);
    if (hash?.length !== 32) {
      throw new CodedError("INTERNAL", "expected 32 bytes of hex as chain.genesisHash of the node's answer");
    }
    return { genesisHash: hash, parameters, height: status.height };
  }

  /** The delegates as the node tells them, and whose turn is next. A light client gets its set elsewhere. */
  async delegates(): Promise<{ delegateSetHash: string; delegates: Delegate[]; next: number }> {
    const source = asObject(await this.#get("/v1/delegates"));
    const delegates = delegatesIn(source);
    return { delegateSetHash: toHex(delegateSetHash(delegates)), delegates, next: asNumber(source.next, "next") };
  }

  /** The delegates that agreed on the block of `height`, as the node tells them. Throws HEIGHT_NOT_KEPT where nothing kept names them. */
  async delegatesOf(height: number): Promise<{ delegateSetHash: string; delegates: Delegate[] }> {
    const delegates = delegatesIn(asObject(await this.#get(`/v1/delegates/${height}`)));
    return { delegateSetHash: toHex(delegateSetHash(delegates)), delegates };
  }

  /** Blocks below height `before`, newest first; at most 100. */
  async blocks({ before, limit }: { before?: number; limit?: number } = {}): Promise<BlockSummary[]> {
    const answer = asObject(await this.#get(`/v1/blocks${query({ before, limit })}`));
    return asArray(answer.blocks, "blocks") as BlockSummary[];
  }

  /** One block by height, hash (hex) or "latest". */
  async block(which: number | string): Promise<BlockDetails> {
    const name = which === "latest" ? (await this.status()).height : which;
    return blockAnswer(await this.#get(`/v1/blocks/${encodeURIComponent(name)}`));
  }

  /** One block's bytes, decoded here. */
  async rawBlock(height: number): Promise<Block> {
    return decodeBlock(await requestBytes(this.url, `/v1/blocks/${height}/raw`, {}, this.#timeoutMs));
  }

  /** A transaction's state. With `validUntil` the node can also say "expired". */
  async transaction(id: Uint8Array | string, { validUntil }: { validUntil?: number } = {}): Promise<TransactionState> {
    return transactionStateAnswer(await this.#get(`/v1/transactions/${hashText(id)}${query({ validUntil })}`));
  }

  /** The proof that a transaction is in its block, not checked yet: see `verifyTransactionProof`. */
  async transactionProof(id: Uint8Array | string): Promise<TransactionProof> {
    return parseTransactionProof(await this.#get(`/v1/transactions/${hashText(id)}/proof`));
  }

  async account(address: AddressLike): Promise<AccountState> {
    return accountAnswer(await this.#get(`/v1/accounts/${addressText(address)}`));
  }

  /** A lane's next sequence numbers. */
  async lane(address: AddressLike, lane: number): Promise<LaneAnswer> {
    return laneAnswer(await this.#get(`/v1/accounts/${addressText(address)}/lanes/${lane}`));
  }

  /** One page of an account's history, newest first. */
  async historyPage(
    address: AddressLike,
    { before, limit }: { before?: string; limit?: number } = {},
  ): Promise<HistoryPage> {
    const path = `/v1/accounts/${addressText(address)}/history${query({ before, limit })}`;
    return historyAnswer(await this.#get(path));
  }

  /** An account's whole history, newest first, page by page as it is read. */
  async *history(address: AddressLike): AsyncGenerator<HistoryEntry> {
    let before: string | undefined;
    do {
      const page = await this.historyPage(address, before === undefined ? {} : { before });
      yield* page.entries;
      before = page.next;
    } while (before !== undefined);
  }

  /** One page of the tokens: the chain's own, then created ones. */
  async tokens({ after, limit }: { after?: string; limit?: number } = {}): Promise<TokenPage> {
    return tokenPageAnswer(await this.#get(`/v1/tokens${query({ after, limit })}`));
  }

  async token(id: TokenId): Promise<TokenState> {
    return tokenAnswer(await this.#get(`/v1/tokens/${encodeURIComponent(id)}`));
  }

  /** A page of who holds a created token. It may be short and still name a next one. */
  async tokenHolders(id: TokenId, { after, limit }: { after?: string; limit?: number } = {}): Promise<TokenHolders> {
    return tokenHoldersAnswer(
      await this.#get(`/v1/tokens/${encodeURIComponent(id)}/holders${query({ after, limit })}`),
    );
  }

  /** Whether a reference was paid, can still be, or never can be any more. */
  async reference(payment: {
    payee: AddressLike;
    token: TokenId;
    amount: bigint;
    reference: Uint8Array;
  }): Promise<ReferenceState> {
    const { payee, token, amount, reference } = payment;
    const names = { payee: addressText(payee), token, amount: amount.toString(), reference: toHex(reference) };
    return asObject(await this.#get(`/v1/references${query(names)}`)) as unknown as ReferenceState;
  }

  /** Those who stand for election; `from`: the `next` of the page before. */
  async candidates(from?: number): Promise<CandidatesJson> {
    return asObject(await this.#get(`/v1/candidates${query({ from })}`)) as unknown as CandidatesJson;
  }

  /** One candidate. Throws NOT_FOUND. */
  async candidate(address: AddressLike): Promise<CandidateJson> {
    return asObject(await this.#get(`/v1/candidates/${addressText(address)}`)) as unknown as CandidateJson;
  }

  /** What an account has locked, for whom, and what it could claim. */
  async votes(address: AddressLike): Promise<VotesJson> {
    return asObject(await this.#get(`/v1/accounts/${addressText(address)}/votes`)) as unknown as VotesJson;
  }

  async partners(from?: number): Promise<PartnersJson> {
    return asObject(await this.#get(`/v1/partners${query({ from })}`)) as unknown as PartnersJson;
  }

  async masters(from?: number): Promise<MastersJson> {
    return asObject(await this.#get(`/v1/masters${query({ from })}`)) as unknown as MastersJson;
  }

  /** Proposals, newest first. */
  async proposals(): Promise<ProposalsJson> {
    return asObject(await this.#get("/v1/proposals")) as unknown as ProposalsJson;
  }

  /** The last block of the set that signs `height`, not checked yet: see LightClient. */
  async delegateChange(height: number): Promise<DelegateChange> {
    return parseDelegateChange(await this.#get(`/v1/delegate-changes/${height}`));
  }

  /** A contract's owner, status, source and ABI. Throws NOT_FOUND. */
  async contract(address: AddressLike): Promise<ContractJson> {
    return asObject(await this.#get(`/v1/contracts/${addressText(address)}`)) as unknown as ContractJson;
  }

  /** One page of payments of an account, one of its tills, a token, a reference or a memo (hex), newest first. */
  async payments(asked: PaymentsAsked): Promise<PaymentsJson> {
    const account = asked.account === undefined ? undefined : addressText(asked.account);
    return asObject(await this.#get(`/v1/payments${query({ ...asked, account })}`)) as unknown as PaymentsJson;
  }

  /** What each day brought an account, a till or a token; days as "2026-11-25", of an IANA time zone. */
  async paymentDays(asked: PaymentDaysAsked): Promise<DayTotalsJson> {
    const account = asked.account === undefined ? undefined : addressText(asked.account);
    return asObject(await this.#get(`/v1/payments/days${query({ ...asked, account })}`)) as unknown as DayTotalsJson;
  }

  /** Which store answers for payments, and how far it is. */
  async paymentIndex(): Promise<PaymentIndexJson> {
    return asObject(await this.#get("/v1/payments/index")) as unknown as PaymentIndexJson;
  }

  /** Registered contracts, newest first; `before`: the `next` of the page before. */
  async contracts({ before, limit }: { before?: string; limit?: number } = {}): Promise<ContractsJson> {
    return asObject(await this.#get(`/v1/contracts${query({ before, limit })}`)) as unknown as ContractsJson;
  }

  /**
   * What calls of a contract came to, in all and in `points` spans of `stepMinutes` up to the block time `untilMs` (the latest
   * where undefined). Throws NOT_FOUND.
   */
  async contractActivity(
    address: AddressLike,
    options: { stepMinutes?: number; points?: number; untilMs?: number } = {},
  ): Promise<ContractActivityJson> {
    const path = `/v1/contracts/${addressText(address)}/activity${query(options)}`;
    return asObject(await this.#get(path)) as unknown as ContractActivityJson;
  }

  /** A page of contracts' open requests for outside data, newest first; `before`: the `next` of the page before. */
  async oracleRequests({ before, limit }: { before?: string; limit?: number } = {}): Promise<OracleRequestsJson> {
    return asObject(await this.#get(`/v1/requests${query({ before, limit })}`)) as unknown as OracleRequestsJson;
  }

  /** Whose a name is, and what it stands for. Throws NOT_FOUND where nobody holds it, BAD_NAME or NAME_RESERVED where nobody can. */
  async name(name: string): Promise<NameJson> {
    return asObject(await this.#get(`/v1/names/${encodeURIComponent(name)}`)) as unknown as NameJson;
  }

  /** The address that a name stands for. Throws NOT_FOUND where it stands for nothing. */
  async resolveName(name: string): Promise<Uint8Array> {
    const { state, target } = await this.name(name);
    if (state !== "held") {
      throw new CodedError("NOT_FOUND", `the name "${name}" has lapsed: it stands for nothing`);
    }
    return parseAddress(target);
  }

  /** What a name stands for (undefined: nothing), proven against the given delegates. */
  async provenName(name: string, trusted: TrustedDelegates): Promise<Uint8Array | undefined> {
    const { value, timeMs } = await this.provenLeaf(nameKey(name), trusted);
    return heldName(value && decodeNameLeaf(value), name, timeMs)?.target;
  }

  /** What a view function gives as of the latest height. Throws the contract's code. */
  async viewContract(
    address: AddressLike,
    functionName: string,
    args: readonly LvmValue[] = [],
    caller?: AddressLike,
  ): Promise<LvmValue> {
    const body = {
      function: functionName,
      args: args.map(lvmJson),
      ...(caller === undefined ? {} : { caller: addressText(caller) }),
    };
    const request: HttpRequest = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const path = `/v1/contracts/${addressText(address)}/view`;
    const bytes = fromHex(asText(asObject(await requestJson(this.url, path, request, this.#timeoutMs)).bytes, "bytes"));
    if (bytes === undefined) {
      throw new CodedError("INTERNAL", "expected hex as bytes of the node's answer");
    }
    return bytes.length === 0 ? null : decodeLvmValue(bytes);
  }

  /** The proof of a leaf, not checked yet: see `provenLeaf`. */
  async proof(key: Uint8Array, height?: number): Promise<StateProof> {
    return parseStateProof(await this.#get(`/v1/proofs/${toHex(key)}${query({ height })}`));
  }

  /** A leaf's value (undefined: absent), proven against the given delegates. Throws BAD_PROOF or BAD_CERTIFICATE. */
  async provenLeaf(
    key: Uint8Array,
    trusted: TrustedDelegates,
    height?: number,
  ): Promise<{ value: Uint8Array | undefined; height: number; timeMs: number }> {
    const proof = await this.proof(key, height);
    if (height !== undefined && proof.height !== height) {
      throw new CodedError("BAD_PROOF", `expected a proof for height ${height}, got ${proof.height}`);
    }
    const value = verifyStateProof(proof, key, trusted);
    return { value, height: proof.height, timeMs: proof.resultProof.header.timeMs };
  }

  /** An account's leaf (undefined: no such account), proven against the given delegates. */
  async provenAccount(address: Uint8Array, trusted: TrustedDelegates): Promise<AccountLeaf | undefined> {
    const { value } = await this.provenLeaf(accountKey(address), trusted);
    return value === undefined ? undefined : decodeAccountLeaf(value);
  }

  /**
   * Sends encoded transactions, at most 1024 and 1 MiB. Answers when each was admitted or refused; with `waitMs`, when each is
   * final or that time has passed.
   */
  async submit(transactions: Uint8Array[], { waitMs }: { waitMs?: number } = {}): Promise<SubmitResult[]> {
    const request: HttpRequest = {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: encodeBatchFrame(0, transactions, false),
    };
    const wait = waitMs === undefined ? "" : query({ wait: "committed", timeoutMs: waitMs });
    const timeoutMs = waitMs === undefined ? this.#timeoutMs : waitMs + WAIT_MARGIN_MS;
    const results = submitAnswer(await requestJson(this.url, `/v1/transactions${wait}`, request, timeoutMs));
    if (results.length !== transactions.length) {
      throw new CodedError("INTERNAL", `expected ${transactions.length} results from the node, got ${results.length}`);
    }
    return results;
  }

  /** Coins of a development chain for `address`; answers the id of the transaction that brings them. */
  async faucet(
    address: AddressLike,
    { token = "TTC", amount }: { token?: TokenId; amount?: bigint } = {},
  ): Promise<string> {
    const wish = amount === undefined ? {} : { amount: amount.toString() };
    const request: HttpRequest = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address: addressText(address), token, ...wish }),
    };
    return asText(asObject(await requestJson(this.url, "/v1/faucet", request, this.#timeoutMs)).id, "id");
  }
}
