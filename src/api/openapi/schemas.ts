// The shapes of src/protocol/apiTypes.ts as JSON Schema, by name: the components of /openapi.json.

import {
  ADDRESS,
  AMOUNT,
  arrayOf,
  FLAG,
  HASH,
  HEX,
  type JsonSchema,
  objectSchema,
  oneOfTexts,
  refTo,
  TEXT,
  TOKEN,
  WHOLE,
} from "../../http/openapi/schema.js";
import { ERROR_CODES } from "../../protocol/errors.js";
import { GAS_PRICES } from "../../protocol/gasSchedule.js";
import { NAME_AMOUNTS, NAME_NUMBERS } from "../../protocol/nameParameters.js";
import { RDPOS_AMOUNTS, RDPOS_NUMBERS } from "../../protocol/rdposParameters.js";
import { ANY, CONTRACT_SCHEMAS, UPGRADE_POLICY } from "./contractSchemas.js";
import { DELEGATE_SCHEMAS } from "./delegateSchemas.js";
import { NAME_SCHEMAS } from "./nameSchemas.js";
import { PAYMENT_SCHEMAS } from "./paymentSchemas.js";

const CODE: JsonSchema = oneOfTexts("OK", ...Object.keys(ERROR_CODES));
const DETAILS: JsonSchema = { type: "object", additionalProperties: true };

const errors = {
  Error: objectSchema({
    error: objectSchema({ code: oneOfTexts(...Object.keys(ERROR_CODES)), message: TEXT, details: DETAILS }),
  }),
};

/** A genesis file may leave out any of them. */
const RDPOS = objectSchema(
  Object.fromEntries([
    ...RDPOS_NUMBERS.map((field) => [`${field}?`, WHOLE]),
    ...RDPOS_AMOUNTS.map((field) => [`${field}?`, AMOUNT]),
  ]),
);

const NAMES = objectSchema(
  Object.fromEntries([
    ...NAME_NUMBERS.map((field) => [`${field}?`, WHOLE]),
    ...NAME_AMOUNTS.map((field) => [`${field}?`, AMOUNT]),
  ]),
);

const DELEGATE_SET = {
  delegateSetHash: HASH,
  delegates: arrayOf(objectSchema({ index: WHOLE, publicKey: HASH, power: WHOLE })),
};

const chain = {
  Status: objectSchema({
    chain: objectSchema({ name: TEXT, genesisHash: HASH, development: FLAG }),
    height: WHOLE,
    blockHash: HASH,
    stateRoot: HASH,
    timeMs: WHOLE,
    delegates: WHOLE,
    mempool: objectSchema({ count: WHOLE, bytes: WHOLE }),
    historyHeight: WHOLE,
    version: TEXT,
  }),
  Parameters: objectSchema({
    validUntilHeightsMax: WHOLE,
    referenceHeightsMax: WHOLE,
    referenceKeepHeights: WHOLE,
    feeRateBasisPoints: WHOLE,
    feeMinTtcUnits: AMOUNT,
    feeCreateTokenTtcUnits: AMOUNT,
    feeMintTtcUnits: AMOUNT,
    feeBurnTtcUnits: AMOUNT,
    depositAccountTtcUnits: AMOUNT,
    depositBalanceTtcUnits: AMOUNT,
    blockBytesMax: WHOLE,
    blockTransactionsMax: WHOLE,
    blockIntervalMs: WHOLE,
    heartbeatIntervalMs: WHOLE,
    roundBlocks: WHOLE,
    quotes: arrayOf(objectSchema({ token: TOKEN, units: AMOUNT, ttcUnits: AMOUNT })),
    blockGasMax: WHOLE,
    blockPackageGasMax: WHOLE,
    gasPriceTtcUnits: AMOUNT,
    depositByteTtcUnits: AMOUNT,
    "rdpos?": RDPOS,
    "names?": NAMES,
    "gas?": objectSchema(Object.fromEntries(GAS_PRICES.map((field) => [`${field}?`, WHOLE]))),
  }),
  Genesis: objectSchema({
    name: TEXT,
    timeMs: WHOLE,
    development: FLAG,
    parameters: refTo("Parameters"),
    issuers: objectSchema({ TTM: refTo("GenesisIssuers"), TTMI: refTo("GenesisIssuers") }),
    allocations: arrayOf(objectSchema({ address: ADDRESS, amount: AMOUNT })),
    delegates: arrayOf(objectSchema({ publicKey: HASH, power: WHOLE })),
  }),
  GenesisIssuers: objectSchema({ needed: WHOLE, addresses: arrayOf(ADDRESS) }),
  Delegates: objectSchema({ ...DELEGATE_SET, next: WHOLE }),
  DelegateSet: objectSchema(DELEGATE_SET),
};

/** What a candidate says of itself. */
const CANDIDATE_FACE = { delegateKey: HASH, payBasisPoints: WHOLE, name: TEXT, site: TEXT };

const blocks = {
  BlockSummary: objectSchema({
    height: WHOLE,
    hash: HASH,
    timeMs: WHOLE,
    proposer: HASH,
    transactionCount: WHOLE,
    stateRoot: HASH,
  }),
  Blocks: objectSchema({ blocks: arrayOf(refTo("BlockSummary")) }),
  Block: objectSchema({
    height: WHOLE,
    hash: HASH,
    header: objectSchema({
      height: WHOLE,
      timeMs: WHOLE,
      proposer: HASH,
      parentHash: HASH,
      transactionsRoot: HASH,
    }),
    result: objectSchema({
      height: WHOLE,
      parentHash: HASH,
      payloadRoot: HASH,
      stateRoot: HASH,
      receiptsRoot: HASH,
      writeSetHash: HASH,
      delegateSetHash: HASH,
      tally: arrayOf(objectSchema({ signed: WHOLE, proposed: WHOLE, missed: WHOLE })),
      seedProof: HEX,
      proposer: HASH,
      signature: HEX,
    }),
    certificate: objectSchema({
      kind: WHOLE,
      signatures: arrayOf(objectSchema({ delegate: WHOLE, signature: HEX })),
    }),
    transactions: arrayOf(objectSchema({ id: HASH, code: CODE, fee: AMOUNT, feeToken: TOKEN })),
  }),
};

const CONTRACT_RUN: Record<string, JsonSchema> = { args: HEX, gasLimit: WHOLE, depositLimit: AMOUNT };

function operation(kind: string, fields: Record<string, JsonSchema>): JsonSchema {
  return objectSchema({ kind: oneOfTexts(kind), account: ADDRESS, ...fields });
}

const transactions = {
  ReceiptEvent: {
    oneOf: [
      objectSchema({ kind: oneOfTexts("depositTaken", "depositReturned"), address: ADDRESS, amount: AMOUNT }),
      objectSchema({ kind: oneOfTexts("tokenCreated"), token: TOKEN }),
      objectSchema({ kind: oneOfTexts("contractRegistered"), contract: ADDRESS, codeHash: HASH }),
      objectSchema({ kind: oneOfTexts("contractResult"), operationIndex: WHOLE, gasUsed: WHOLE, value: ANY }),
      objectSchema({ kind: oneOfTexts("contractEvent"), contract: ADDRESS, name: TEXT, args: arrayOf(ANY) }),
      objectSchema({ kind: oneOfTexts("contractTransfer"), from: ADDRESS, to: ADDRESS, token: TOKEN, amount: AMOUNT }),
      objectSchema({
        kind: oneOfTexts("oracleRequest"),
        request: HASH,
        contract: ADDRESS,
        feed: TEXT,
        callbackGas: WHOLE,
      }),
      objectSchema({ kind: oneOfTexts("storageDeposit"), taken: AMOUNT, returned: AMOUNT }),
      objectSchema({
        kind: oneOfTexts("contractFailure"),
        operationIndex: WHOLE,
        gasUsed: WHOLE,
        "line?": WHOLE,
        message: TEXT,
      }),
      objectSchema({ kind: oneOfTexts("contractTest"), name: TEXT, passed: FLAG, gasUsed: WHOLE, message: TEXT }),
      objectSchema({ kind: oneOfTexts("unknown"), number: WHOLE, data: HEX }),
    ],
  },
  Receipt: objectSchema({
    code: CODE,
    number: WHOLE,
    "operationIndex?": WHOLE,
    fee: AMOUNT,
    feeToken: TOKEN,
    events: arrayOf(refTo("ReceiptEvent")),
  }),
  Operation: {
    oneOf: [
      operation("transfer", { to: ADDRESS, token: TOKEN, amount: AMOUNT, "reference?": HASH }),
      operation("createToken", {
        symbol: TEXT,
        name: TEXT,
        decimals: WHOLE,
        supply: AMOUNT,
        mintable: FLAG,
        burnable: FLAG,
        freezable: FLAG,
      }),
      operation("mint", { token: TOKEN, to: ADDRESS, amount: AMOUNT }),
      operation("burn", { token: TOKEN, amount: AMOUNT }),
      operation("replaceKey", { publicKey: HASH }),
      operation("setFrozen", { token: TOKEN, target: ADDRESS, frozen: FLAG }),
      operation("closeAccount", { beneficiary: ADDRESS }),
      operation("registerContract", {
        contract: ADDRESS,
        codeHash: HASH,
        upgradePolicy: UPGRADE_POLICY,
        upgradeDelayHeights: WHOLE,
        ...CONTRACT_RUN,
      }),
      operation("callContract", {
        contract: ADDRESS,
        function: TEXT,
        "payment?": objectSchema({ token: TOKEN, amount: AMOUNT }),
        ...CONTRACT_RUN,
      }),
      operation("upgradeContract", { contract: ADDRESS, codeHash: HASH, ...CONTRACT_RUN }),
      operation("publishContract", { contract: ADDRESS }),
      operation("destroyContract", { contract: ADDRESS, tokens: arrayOf(TOKEN) }),
      operation("setContractPaused", { contract: ADDRESS, paused: FLAG }),
      operation("answerOracle", { request: HASH, value: TEXT }),
      operation("deliverOracle", { request: HASH, callbackGas: WHOLE }),
      operation("priceOracle", { token: TOKEN, units: AMOUNT, ttcUnits: AMOUNT }),
      operation("registerCandidate", CANDIDATE_FACE),
      operation("updateCandidate", CANDIDATE_FACE),
      operation("resignCandidate", {}),
      operation("resumeCandidate", {}),
      operation("vote", { amount: AMOUNT, candidates: arrayOf(ADDRESS) }),
      operation("unlock", { amount: AMOUNT }),
      operation("withdraw", {}),
      operation("claimRewards", {}),
      operation("reportDoubleSign", { evidence: HEX }),
      operation("claimPartner", {}),
      operation("registerMaster", { name: TEXT, site: TEXT }),
      operation("answerChallenge", { answer: HASH }),
      operation("resignMaster", {}),
      operation("propose", { heightActive: WHOLE, content: refTo("ProposalContent") }),
      operation("voteProposal", { proposal: WHOLE, approve: FLAG }),
      operation("commitName", { commitment: HASH }),
      operation("revealName", { name: TEXT, salt: HASH, target: ADDRESS }),
      operation("setName", { name: TEXT, target: ADDRESS }),
      operation("renewName", { name: TEXT }),
      operation("transferName", { name: TEXT, to: ADDRESS }),
      operation("releaseName", { name: TEXT }),
    ],
  },
  ProposalContent: {
    oneOf: [
      objectSchema({ kind: oneOfTexts("parameter"), name: TEXT, value: AMOUNT }),
      objectSchema({ kind: oneOfTexts("quote"), token: TOKEN, units: AMOUNT, ttcUnits: AMOUNT }),
      objectSchema({ kind: oneOfTexts("upgrade"), version: WHOLE }),
      objectSchema({ kind: oneOfTexts("partner"), partner: ADDRESS, name: TEXT, site: TEXT }),
    ],
  },
  Transaction: objectSchema({
    id: HASH,
    sender: ADDRESS,
    signers: arrayOf(objectSchema({ address: ADDRESS, publicKey: HASH })),
    feePayer: ADDRESS,
    lane: WHOLE,
    sequence: WHOLE,
    validUntil: WHOLE,
    feeToken: TOKEN,
    feeLimit: AMOUNT,
    "partner?": ADDRESS,
    "memo?": HEX,
    operations: arrayOf(refTo("Operation")),
    bytes: HEX,
  }),
  TransactionState: {
    oneOf: [
      objectSchema({ id: HASH, state: oneOfTexts("unknown") }),
      objectSchema({ id: HASH, state: oneOfTexts("expired"), "validUntil?": WHOLE }),
      objectSchema({ id: HASH, state: oneOfTexts("pending"), transaction: refTo("Transaction") }),
      objectSchema({
        id: HASH,
        state: oneOfTexts("committed", "failed"),
        height: WHOLE,
        index: WHOLE,
        timeMs: WHOLE,
        receipt: refTo("Receipt"),
        transaction: refTo("Transaction"),
      }),
    ],
  },
  Submissions: objectSchema({
    results: arrayOf(
      objectSchema({
        "id?": HASH,
        code: CODE,
        "message?": TEXT,
        "details?": DETAILS,
        state: oneOfTexts("pending", "committed", "failed", "expired", "refused"),
        "height?": WHOLE,
        "index?": WHOLE,
        "receipt?": refTo("Receipt"),
      }),
    ),
  }),
  SubmitRequest: objectSchema({ transactions: { ...arrayOf(HEX), maxItems: 1_024 } }),
  FaucetRequest: objectSchema({ address: ADDRESS, token: TOKEN, "amount?": AMOUNT }),
  Faucet: objectSchema({ id: HASH }),
};

const proofs = {
  ResultProof: objectSchema({ header: HEX, certificate: HEX, result: HEX, entryCount: WHOLE, path: arrayOf(HASH) }),
  TransactionProof: objectSchema({
    height: WHOLE,
    index: WHOLE,
    bytes: HEX,
    path: arrayOf(HASH),
    receipt: HEX,
    receiptPath: arrayOf(HASH),
    resultProof: refTo("ResultProof"),
  }),
  StateProof: objectSchema({
    height: WHOLE,
    key: HASH,
    value: { oneOf: [HEX, { type: "null" }] },
    proof: HEX,
    resultProof: refTo("ResultProof"),
  }),
};

const accounts = {
  Account: objectSchema({
    address: ADDRESS,
    exists: FLAG,
    balances: objectSchema({ TTC: AMOUNT, TTM: AMOUNT, TTMI: AMOUNT }),
    tokens: arrayOf(objectSchema({ token: TOKEN, amount: AMOUNT, frozen: FLAG })),
    tokenCount: WHOLE,
    deposit: AMOUNT,
    "publicKey?": HASH,
    height: WHOLE,
  }),
  Lane: objectSchema({ lane: WHOLE, sequenceNext: WHOLE, sequencePending: WHOLE }),
  HistoryEntry: objectSchema({
    height: WHOLE,
    index: WHOLE,
    id: HASH,
    timeMs: WHOLE,
    code: CODE,
    direction: oneOfTexts("in", "out", "self"),
    kind: oneOfTexts(
      "transfer",
      "createToken",
      "mint",
      "burn",
      "replaceKey",
      "setFrozen",
      "closeAccount",
      "fee",
      "signature",
      "registerContract",
      "callContract",
      "publishContract",
      "upgradeContract",
      "setContractPaused",
      "destroyContract",
      "contractTransfer",
      "delegation",
      "name",
    ),
    "counterparty?": ADDRESS,
    "token?": TOKEN,
    "amount?": AMOUNT,
    "fee?": AMOUNT,
    "feeToken?": TOKEN,
    "reference?": HASH,
    "memo?": HEX,
    "frozen?": FLAG,
  }),
  History: objectSchema({ entries: arrayOf(refTo("HistoryEntry")), "next?": TEXT }),
  Token: objectSchema({
    token: TOKEN,
    symbol: TEXT,
    name: TEXT,
    decimals: WHOLE,
    supply: AMOUNT,
    mintable: FLAG,
    burnable: FLAG,
    freezable: FLAG,
    heightCreated: WHOLE,
    issuersNeeded: WHOLE,
    issuers: arrayOf(ADDRESS),
  }),
  Tokens: objectSchema({ tokens: arrayOf(refTo("Token")), "next?": TOKEN }),
  TokenHolders: objectSchema({
    holders: arrayOf(objectSchema({ address: ADDRESS, amount: AMOUNT, frozen: FLAG })),
    "next?": ADDRESS,
  }),
  Reference: objectSchema({
    state: oneOfTexts("paid", "open", "expired"),
    "heightPaid?": WHOLE,
    "transactionId?": HASH,
    heightExpiry: WHOLE,
  }),
};

const health = {
  Health: objectSchema({ ok: FLAG }),
  Ready: objectSchema({ ready: FLAG }),
};

export const SCHEMAS: Record<string, JsonSchema> = {
  ...errors,
  ...chain,
  ...blocks,
  ...transactions,
  ...proofs,
  ...accounts,
  ...CONTRACT_SCHEMAS,
  ...PAYMENT_SCHEMAS,
  ...DELEGATE_SCHEMAS,
  ...NAME_SCHEMAS,
  ...health,
};
