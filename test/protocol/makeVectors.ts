// Builds the protocol's published vectors from fixed seeds. `UPDATE_VECTORS=1 npx vitest run test/protocol/vectors` writes them.

import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import {
  addressOfKey,
  contractAddress,
  deployedAddress,
  formatAddress,
  systemAddress,
} from "../../src/protocol/address.js";
import {
  blockHash,
  encodeBlock,
  encodeHeader,
  encodeResult,
  resultMessage,
  transactionsRoot,
} from "../../src/protocol/block.js";
import { commitMessage, encodeCertificate } from "../../src/protocol/certificate.js";
import {
  type ContractLeaf,
  codePieceKey,
  contractEntryKey,
  contractKey,
  encodeCodePiece,
  encodeContractEntry,
  encodeContractLeaf,
} from "../../src/protocol/contractLeaves.js";
import { delegateSetHash, encodeDelegates } from "../../src/protocol/delegates.js";
import { encodeLvmValues } from "../../src/protocol/lvmValue.js";
import { encodeNameCommitment, encodeNameLeaf, nameCommitmentKey, nameKey } from "../../src/protocol/nameLeaves.js";
import { nameCommitment, nameSkeleton } from "../../src/protocol/names.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import {
  DELEGATE_NAME_BYTES,
  encodeOraclePrice,
  encodeOracleRequest,
  type OracleRequestLeaf,
  oraclePriceKey,
  oracleRequestKey,
} from "../../src/protocol/oracleLeaves.js";
import { packageHash } from "../../src/protocol/packageHash.js";
import { encodeReceipt, receiptsRoot } from "../../src/protocol/receipt.js";
import {
  askedSeedKey,
  askSeed,
  encodeAskedSeed,
  encodeSeedLeaf,
  nextSeed,
  seedInput,
  seedKey,
} from "../../src/protocol/seed.js";
import * as leaves from "../../src/protocol/stateLeaves.js";
import { createdTokenId } from "../../src/protocol/tokens.js";
import {
  chainTag,
  encodeBody,
  encodeTransaction,
  type Signer,
  signingMessage,
  type TransactionBody,
  transactionId,
} from "../../src/protocol/transaction.js";
import { proveRandom } from "../../src/protocol/vrf.js";
import { encodeWriteSet, writeSetHash } from "../../src/protocol/writeSet.js";
import * as ed25519 from "../../src/wasm/ed25519Twin.js";
import { merkleRoot, sha256 } from "../../src/wasm/sha256Twin.js";
import { type Cast, delegateLeafVectors, delegateOperationLists } from "./delegateVectors.js";

export const GENESIS_HASH = sha256(utf8Bytes("vectors"));

export function seedOf(name: string): Uint8Array {
  return sha256(utf8Bytes(`seed ${name}`));
}

export function signerOf(name: string, address?: Uint8Array): Signer {
  const publicKey = ed25519.getPublicKey(seedOf(name));
  return { publicKey, address: address ?? addressOfKey(publicKey) };
}

export function bodyOf(operations: Operation[], fields: Partial<TransactionBody> = {}): TransactionBody {
  return {
    chainTag: chainTag(GENESIS_HASH),
    signers: [signerOf("alice")],
    feePayer: 0,
    lane: 0,
    sequence: 0,
    validUntil: 1000,
    feeToken: "TTC",
    feeLimit: 10_000_000n,
    operations,
    ...fields,
  };
}

const bob = signerOf("bob").address;
const reference = new Uint8Array(32).fill(7);
reference.set([0x10, 0x27, 0, 0, 0, 0, 0, 0]);
const creatingTransactionId = sha256(utf8Bytes("creating transaction"));
const token = createdTokenId(creatingTransactionId, 3);
const contract = contractAddress(creatingTransactionId, 3);
const NAME = "모퉁이카페-2";
const NAME_SALT = sha256(utf8Bytes("salt"));

const cast: Cast = {
  alice: signerOf("alice").address,
  bob,
  delegateKey: signerOf("d0").publicKey,
  header: {
    height: 1,
    timeMs: 1_750_000_000_123,
    proposer: signerOf("d0").publicKey,
    parentHash: GENESIS_HASH,
    transactionsRoot: new Uint8Array(32).fill(4),
  },
};

const bodies: Record<string, [TransactionBody, string[]]> = {
  "plain transfer": [
    bodyOf([{ kind: "transfer", account: 0, to: bob, token: "TTC", amount: 100_000_000n }]),
    ["alice"],
  ],
  "transfer with reference, memo and partner": [
    bodyOf([{ kind: "transfer", account: 0, to: bob, token: "TTM", amount: 4500n, reference }], {
      feeToken: "TTM",
      feeLimit: 23n,
      memo: utf8Bytes("아메리카노 1"),
      partner: signerOf("partner").address,
      lane: 7,
      sequence: 41,
    }),
    ["alice"],
  ],
  "payment with mileage, two signers, the shop pays the fee": [
    bodyOf(
      [
        { kind: "transfer", account: 0, to: bob, token: "TTM", amount: 10_000n },
        { kind: "transfer", account: 1, to: signerOf("alice").address, token: "TTMI", amount: 100n },
      ],
      { signers: [signerOf("alice"), signerOf("bob")], feePayer: 1, feeToken: "TTM", feeLimit: 60n },
    ),
    ["alice", "bob"],
  ],
  "every other operation": [
    bodyOf([
      {
        kind: "createToken",
        account: 0,
        symbol: "CAFE1",
        name: "카페 쿠폰",
        decimals: 2,
        supply: 5n,
        mintable: true,
        burnable: false,
        freezable: true,
      },
      { kind: "mint", account: 0, token, to: bob, amount: 9n },
      { kind: "burn", account: 0, token: "TTMI", amount: 3n },
      { kind: "setFrozen", account: 0, token, target: bob, frozen: true },
      { kind: "closeAccount", account: 0, beneficiary: bob },
    ]),
    ["alice"],
  ],
  "every operation on contracts": [
    bodyOf(
      [
        {
          kind: "registerContract",
          account: 0,
          source: utf8Bytes('abi.call("f", function() end)'),
          tests: utf8Bytes('test.case("loads", function() test.deploy() end)'),
          upgradePolicy: "ownerAfterDelay",
          upgradeDelayHeights: 100,
          args: encodeLvmValues([1n, "a"]),
          gasLimit: 5_000_000,
          depositLimit: 10_000_000n,
        },
        {
          kind: "callContract",
          account: 0,
          contract,
          functionName: "pay",
          args: encodeLvmValues([bob, null, [true]]),
          payment: { token: "TTM", amount: 3n },
          gasLimit: 20_000,
          depositLimit: 0n,
        },
        { kind: "publishContract", account: 0, contract },
        {
          kind: "upgradeContract",
          account: 0,
          contract,
          source: utf8Bytes("local x = 1"),
          tests: new Uint8Array(0),
          args: new Uint8Array(0),
          gasLimit: 1,
          depositLimit: 1n,
        },
        { kind: "setContractPaused", account: 0, contract, paused: true },
        { kind: "destroyContract", account: 0, contract, tokens: ["0a".repeat(32), "b0".repeat(32)] },
      ],
      { feeLimit: 100_000_000n },
    ),
    ["alice"],
  ],
  "answers and prices of a delegate, and a delivery": [
    bodyOf([
      { kind: "answerOracle", account: 0, request: oracleRequestKey(contract, "seoul"), value: -3n },
      { kind: "priceOracle", account: 0, token: "TTM", units: 10n, ttcUnits: 1_000_000_000n },
    ]),
    ["alice"],
  ],
  "a delivery of an answer": [
    bodyOf([{ kind: "deliverOracle", account: 0, request: oracleRequestKey(contract, "seoul"), callbackGas: 50_000 }]),
    ["alice"],
  ],
  "every operation on names": [
    bodyOf(
      [
        { kind: "commitName", account: 0, commitment: nameCommitment(signerOf("alice").address, NAME, NAME_SALT) },
        { kind: "revealName", account: 0, name: NAME, salt: NAME_SALT, target: contract },
        { kind: "setName", account: 0, name: NAME, target: bob },
        { kind: "renewName", account: 0, name: "corner-cafe" },
        { kind: "transferName", account: 0, name: NAME, to: bob },
        { kind: "releaseName", account: 0, name: "corner-cafe" },
      ],
      { feeLimit: 1_000_000_000n },
    ),
    ["alice"],
  ],
  "key replacement, signed by the new key too": [
    bodyOf([{ kind: "replaceKey", account: 0, publicKey: signerOf("carol").publicKey }], {
      signers: [signerOf("alice"), signerOf("carol")],
    }),
    ["alice", "carol"],
  ],
  "account with a replaced key": [
    bodyOf([{ kind: "transfer", account: 0, to: bob, token, amount: 1n }], {
      signers: [signerOf("carol", signerOf("alice").address)],
    }),
    ["carol"],
  ],
  ...Object.fromEntries(
    Object.entries(delegateOperationLists(cast)).map(([name, operations]): [string, [TransactionBody, string[]]] => [
      name,
      [bodyOf(operations, { signers: [signerOf("alice"), signerOf("d0")], feeLimit: 1_000_000_000n }), ["alice", "d0"]],
    ]),
  ),
};

function transactionVectors() {
  return Object.entries(bodies).map(([name, [body, signers]]) => {
    const bytes = encodeBody(body);
    const message = signingMessage(GENESIS_HASH, bytes);
    const signatures = signers.map((signer) => ed25519.sign(message, seedOf(signer)));
    return {
      name,
      seeds: signers.map((signer) => toHex(seedOf(signer))),
      body: toHex(bytes),
      id: toHex(transactionId(bytes)),
      message: toHex(message),
      signatures: signatures.map(toHex),
      transaction: toHex(encodeTransaction(bytes, signatures)),
    };
  });
}

function addressVectors() {
  return ["alice", "bob"].map((name) => {
    const { publicKey, address } = signerOf(name);
    return {
      seed: toHex(seedOf(name)),
      publicKey: toHex(publicKey),
      address: toHex(address),
      text: formatAddress(address),
    };
  });
}

function contractLeafVectors(alice: Uint8Array): [string, Uint8Array, Uint8Array][] {
  const plain: ContractLeaf = {
    codeHash: sha256(utf8Bytes("source")),
    sourceBytes: 6,
    owner: alice,
    permanent: true,
    paused: true,
    destroyed: false,
    upgradePolicy: "owner",
    upgradeDelayHeights: 0,
    upgradeCount: 0,
    heightRegistered: 12,
    deposit: 13n,
    entryCount: 2,
    entryDeposits: 14n,
  };
  const firstEntry = contractEntryKey(contract, utf8Bytes("\u0004name"));
  const temporary: ContractLeaf = {
    ...plain,
    permanent: false,
    upgradePolicy: "ownerAfterDelay",
    upgradeDelayHeights: 100,
    upgradeCount: 3,
    firstEntry,
    announced: { codeHash: sha256(utf8Bytes("next source")), heightFrom: 200 },
  };
  const value = encodeLvmValues(["text"]);
  const next = contractEntryKey(contract, utf8Bytes("\u0004next"));
  const linked = { deposit: 7n, value, links: { previous: undefined, next } };
  const [first, second] = ["d0", "d1"].map((name) => signerOf(name).publicKey.subarray(0, DELEGATE_NAME_BYTES));
  const request: OracleRequestLeaf = {
    contract,
    key: "seoul",
    feed: "weather/seoul",
    callback: "settle",
    gas: 50_000,
    height: 12,
    deposit: 15n,
    answers: [
      { delegate: first, value: -3n },
      { delegate: second, value: 21n },
    ],
  };
  const prices = [
    { delegate: first, units: 1n, ttcUnits: 1_000_000_000n, height: 12 },
    { delegate: second, units: 10n, ttcUnits: 9_900_000_001n, height: 13 },
  ];
  return [
    ["contract", contractKey(contract), encodeContractLeaf(plain)],
    ["contract, temporary, with an announced upgrade", contractKey(contract), encodeContractLeaf(temporary)],
    ["contract's code", codePieceKey(contract, 1), encodeCodePiece(utf8Bytes("source"))],
    ["contract's entry", firstEntry, encodeContractEntry({ deposit: 7n, value })],
    ["contract's entry, linked", firstEntry, encodeContractEntry(linked)],
    ["request for outside data", oracleRequestKey(contract, "seoul"), encodeOracleRequest(request)],
    ["delegates' words on a price", oraclePriceKey("TTM"), encodeOraclePrice(prices)],
  ];
}

function nameLeafVectors(alice: Uint8Array): [string, Uint8Array, Uint8Array][] {
  const commitment = nameCommitment(alice, NAME, NAME_SALT);
  const held = { owner: alice, target: contract, timeMsExpires: 1_781_536_000_123, deposit: 16n, heightRegistered: 17 };
  return [
    ["commitment to a name", nameCommitmentKey(commitment), encodeNameCommitment({ height: 5, heightExpires: 10_005 })],
    ["name", nameKey(NAME), encodeNameLeaf({ ...held, name: NAME })],
  ];
}

function nameVectors() {
  const alike = [
    ["modern-market", "rnoclern-rnarket"],
    ["paypal", "pay-pa1"],
    ["window", "vvinclovv"],
    ["대구은행", "머구은행"],
    ["카카오페이", "카카오패이"],
    ["101동", "lol동"],
    ["이마트", "01마트"],
  ];
  return {
    name: NAME,
    account: toHex(signerOf("alice").address),
    salt: toHex(NAME_SALT),
    commitment: toHex(nameCommitment(signerOf("alice").address, NAME, NAME_SALT)),
    skeletons: alike.flatMap((names) => names.map((name) => ({ name, skeleton: nameSkeleton(name) }))),
  };
}

function leafVectors() {
  const alice = signerOf("alice").address;
  const account: leaves.AccountLeaf = { balances: [5n, 6n, 7n], deposit: 8n, tokenCount: 2 };
  const entries: [string, Uint8Array, Uint8Array][] = [
    ["account", leaves.accountKey(alice), leaves.encodeAccountLeaf(account)],
    [
      "account with a replaced key",
      leaves.accountKey(bob),
      leaves.encodeAccountLeaf({ ...account, replacedKey: signerOf("carol").publicKey }),
    ],
    ["balance", leaves.balanceKey(alice, token), leaves.encodeBalanceLeaf({ amount: 9n, deposit: 1n, frozen: true })],
    ["lane", leaves.laneKey(alice, 7), leaves.encodeLaneLeaf({ sequenceNext: 42, heightExpires: 99 })],
    [
      "reference",
      leaves.referenceKey(bob, "TTM", 4500n, reference),
      leaves.encodeReferenceLeaf({ heightExpires: 10_100, heightPaid: 77, transactionId: new Uint8Array(32).fill(3) }),
    ],
    [
      "token",
      leaves.tokenKey(token),
      leaves.encodeTokenLeaf({
        symbol: "CAFE1",
        name: "카페 쿠폰",
        decimals: 2,
        supply: 5n,
        mintable: true,
        burnable: false,
        freezable: true,
        heightCreated: 12,
        issuersNeeded: 1,
        issuers: [alice],
      }),
    ],
    ...contractLeafVectors(alice),
    ...nameLeafVectors(alice),
    ...delegateLeafVectors(cast),
  ];
  return entries.map(([name, key, value]) => ({ name, key: toHex(key), value: toHex(value) }));
}

function blockVectors() {
  const delegates = ["d0", "d1", "d2", "d3"].map((name) => ({ publicKey: signerOf(name).publicKey, power: 1 }));
  const [transaction] = transactionVectors();
  const transactions = [Uint8Array.from(Buffer.from(transaction.transaction, "hex"))];
  const receipts = [
    encodeReceipt({ code: 0, operationIndex: 255, fee: 10_000_000n, events: [{ kind: 1, data: Uint8Array.of(1, 2) }] }),
  ];
  const writeSet = encodeWriteSet([
    { key: new Uint8Array(32).fill(1), value: Uint8Array.of(1, 2, 3) },
    { key: new Uint8Array(32).fill(2), value: undefined },
  ]);
  const unsigned = {
    height: 1,
    parentHash: GENESIS_HASH,
    payloadRoot: merkleRoot(transactions),
    stateRoot: new Uint8Array(32).fill(9),
    receiptsRoot: receiptsRoot(receipts),
    writeSetHash: writeSetHash(writeSet),
    delegateSetHash: delegateSetHash(delegates),
    tally: delegates.map((_, index) => ({ signed: index, proposed: 1, missed: 2 })),
    seedProof: new Uint8Array(0),
    proposer: delegates[0].publicKey,
  };
  const result = encodeResult({
    ...unsigned,
    signature: ed25519.sign(resultMessage(GENESIS_HASH, unsigned), seedOf("d0")),
  });
  const header = {
    height: 1,
    timeMs: 1_750_000_000_123,
    proposer: delegates[0].publicKey,
    parentHash: GENESIS_HASH,
    transactionsRoot: transactionsRoot(result, transactions),
  };
  const hash = blockHash(GENESIS_HASH, header);
  const message = commitMessage(GENESIS_HASH, 1, hash);
  const signatures = [0, 1, 3].map((delegate) => ({
    delegate,
    signature: ed25519.sign(message, seedOf(`d${delegate}`)),
  }));
  return {
    delegateSeeds: [0, 1, 2, 3].map((i) => toHex(seedOf(`d${i}`))),
    delegateSet: toHex(encodeDelegates(delegates)),
    delegateSetHash: toHex(unsigned.delegateSetHash),
    receipts: receipts.map(toHex),
    receiptsRoot: toHex(unsigned.receiptsRoot),
    writeSet: toHex(writeSet),
    writeSetHash: toHex(unsigned.writeSetHash),
    resultMessage: toHex(resultMessage(GENESIS_HASH, unsigned)),
    result: toHex(result),
    header: toHex(encodeHeader(header)),
    hash: toHex(hash),
    block: toHex(encodeBlock({ header, result, transactions })),
    commitMessage: toHex(message),
    certificate: toHex(encodeCertificate({ kind: 1, signatures })),
  };
}

/** Bytes that every decoder must refuse, made from the plain transfer, and the code. */
function refusedVectors() {
  const bytes = Uint8Array.from(Buffer.from(transactionVectors()[0].transaction, "hex"));
  const changed = (offset: number, ...values: number[]): Uint8Array => {
    const copy = bytes.slice();
    copy.set(values, offset);
    return copy;
  };
  const cases: [string, string, Uint8Array][] = [
    ["empty", "MALFORMED", new Uint8Array(0)],
    ["cut short by one byte", "MALFORMED", bytes.subarray(0, -1)],
    ["one byte too many", "MALFORMED", Uint8Array.from([...bytes, 0])],
    ["version 2", "UNKNOWN_VERSION", changed(0, 2)],
    ["unknown flag", "NON_CANONICAL", changed(5, 4)],
    ["no signer", "MALFORMED", changed(6, 0)],
    ["nine signers", "MALFORMED", changed(6, 9)],
    ["unknown signer form", "MALFORMED", changed(7, 2)],
    ["fee payer who doesn't sign", "MALFORMED", changed(40, 1)],
    ["valid-until of 2^53", "MALFORMED", changed(49, 0, 0, 0, 0, 0, 0, 32, 0)],
    ["sequence of 2^32 - 1", "MALFORMED", changed(45, 255, 255, 255, 255)],
    ["unknown token code", "MALFORMED", changed(57, 4)],
    ["fee limit of 2^63", "AMOUNT_OUT_OF_RANGE", changed(58, 0, 0, 0, 0, 0, 0, 0, 128)],
    ["no operation", "MALFORMED", changed(66, 0)],
    ["65 operations", "MALFORMED", changed(66, 65)],
    ["operation of kind 0", "UNKNOWN_OPERATION", changed(67, 0)],
    ["operation of kind 99", "UNKNOWN_OPERATION", changed(67, 99)],
    ["operation of an account that doesn't sign", "MALFORMED", changed(68, 1)],
    ["amount 0", "AMOUNT_OUT_OF_RANGE", changed(102, 0, 0, 0, 0, 0, 0, 0, 0)],
    ["amount of 2^63", "AMOUNT_OUT_OF_RANGE", changed(102, 0, 0, 0, 0, 0, 0, 0, 128)],
    ["reference flag 2", "NON_CANONICAL", changed(110, 2)],
    ["more than 16,384 bytes without a package", "TOO_LARGE", longCall()],
  ];
  return cases.map(([name, code, value]) => ({ name, code, transaction: toHex(value) }));
}

/** A call whose arguments alone are more than a transaction without a package may have. */
function longCall(): Uint8Array {
  const args = encodeLvmValues([new Uint8Array(16_384)]);
  const call = { kind: "callContract" as const, account: 0, contract, functionName: "f", args };
  const body = encodeBody(bodyOf([{ ...call, gasLimit: 1, depositLimit: 0n }]));
  return encodeTransaction(body, [new Uint8Array(64)]);
}

function contractVectors() {
  const [source, tests] = [utf8Bytes("local x = 1"), utf8Bytes('test.case("a", function() end)')];
  const codeHash = sha256(source);
  const upgrade = { source, tests, args: encodeLvmValues([7n]) };
  return {
    contract: toHex(contract),
    source: toHex(source),
    tests: toHex(tests),
    args: toHex(upgrade.args),
    deployed: toHex(deployedAddress(contract, codeHash, utf8Bytes("salt"))),
    packageHash: toHex(packageHash(contract, 2, upgrade)),
  };
}

/** Two steps of the chain's seed, from the first question on, and the leaves after them. */
function seedVectors() {
  const asked = askSeed(undefined, GENESIS_HASH, 7, 2);
  const steps: { height: number; before: string; input: string; proof: string; after: string }[] = [];
  let { seed } = asked;
  for (const height of [8, 9]) {
    const input = seedInput(GENESIS_HASH, height, seed);
    const proof = proveRandom(seedOf("d0"), input);
    const after = nextSeed(GENESIS_HASH, height, seed, { proposer: signerOf("d0").publicKey, proof });
    steps.push({ height, before: toHex(seed), input: toHex(input), proof: toHex(proof), after: toHex(after) });
    seed = after;
  }
  return {
    proposer: toHex(signerOf("d0").publicKey),
    steps,
    leafKey: toHex(seedKey),
    leafAsked: toHex(encodeSeedLeaf(asked)),
    leafAnswered: toHex(encodeSeedLeaf({ ...asked, seed })),
    answerKey: toHex(askedSeedKey(9)),
    answerAsked: toHex(encodeAskedSeed({ height: 9, seed: undefined })),
    answer: toHex(encodeAskedSeed({ height: 9, seed })),
  };
}

/** Everything that test/vectors/protocol.json holds. */
export function makeVectors() {
  return {
    genesisHash: toHex(GENESIS_HASH),
    feePool: formatAddress(systemAddress("fee-pool")),
    createdToken: { transactionId: toHex(creatingTransactionId), operationIndex: 3, token },
    addresses: addressVectors(),
    transactions: transactionVectors(),
    refused: refusedVectors(),
    contracts: contractVectors(),
    seed: seedVectors(),
    names: nameVectors(),
    leaves: leafVectors(),
    block: blockVectors(),
  };
}
