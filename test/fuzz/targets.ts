// Every decoder that eats bytes from outside: from clients, nodes, disks, keyboards. Each gets an input and may refuse it with an error
// of its kind; anything else that it throws is a bug. Where one encoding only is valid, what was decoded must encode to the same bytes.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { decodeBatchFrame, requestOfFrame } from "../../src/api/batchFrame.js";
import { parseFields, parseMessage, requestOf } from "../../src/api/sockets/clientMessage.js";
import { bytesKey, concatBytes, equalBytes, fromHex, keyBytes, toHex, utf8Bytes } from "../../src/base/bytes.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import { parseKeyFile } from "../../src/client/keyFile.js";
import { NodeKeysError, parseNodeKeys } from "../../src/consensus/nodeKeys.js";
import { lastClaim } from "../../src/consensus/signingRecord.js";
import { encodeKernelParameters } from "../../src/execution/kernel/kernelParameters.js";
import { readJson, writeJson } from "../../src/execution/lvm/jsonText.js";
import { prepareSource } from "../../src/execution/lvm/prepareSource.js";
import { parseCursor } from "../../src/history/entryRow.js";
import { addressGroup, clientAddress } from "../../src/http/door/addressGroup.js";
import { parseHash, parseToken, parseUnits, RouteRequest } from "../../src/http/request.js";
import { formatAddress, parseAddress } from "../../src/protocol/address.js";
import {
  decodeBlock,
  decodeHeader,
  decodeResult,
  encodeBlock,
  encodeHeader,
  encodeResult,
} from "../../src/protocol/block.js";
import { decodeCertificate, encodeCertificate } from "../../src/protocol/certificate.js";
import { CodedError } from "../../src/protocol/errors.js";
import { decodeEvidence, encodeEvidence } from "../../src/protocol/evidence.js";
import type { GenesisParameters } from "../../src/protocol/genesis.js";
import { LvmError } from "../../src/protocol/lvmError.js";
import { decodeLvmValues, encodeLvmValues } from "../../src/protocol/lvmValue.js";
import { decodeReceipt, encodeReceipt } from "../../src/protocol/receipt.js";
import { decodeStateProof, encodeStateProof, provenValue } from "../../src/protocol/stateProof.js";
import { decodeTransaction, encodeBody, encodeTransaction, type Transaction } from "../../src/protocol/transaction.js";
import { decodeWriteSet, encodeWriteSet } from "../../src/protocol/writeSet.js";
import { genesisParameters } from "../../src/state/genesisState.js";
import { ApiKeyFileError, formatApiKeys, parseApiKeys } from "../../src/storage/apiKeyFile.js";
import { decodeCommittedBlock, encodeCommittedBlock } from "../../src/storage/committedBlock.js";
import { parseRecordHeader, sealRecord } from "../../src/storage/logRecord.js";
import { DamageError } from "../../src/storage/storageErrors.js";
import { IntakeKernel } from "../../src/wasm/intakeKernel.js";

export interface FuzzTarget {
  name: string;
  /** Valid inputs to begin with. */
  seeds: Uint8Array[];
  /** What its language is made of, for text. */
  words: Uint8Array[];
  /** Its part of all inputs: cheap ones get more. */
  weight: number;
  /** Decodes; true where the input is valid. Throws for a bug, or an error of `refusals`. */
  run: (input: Uint8Array) => void;
  refusals: (abstract new (...parameters: never[]) => Error)[];
}

interface VectorFile {
  genesisHash: string;
  transactions: { transaction: string }[];
  refused: { transaction: string }[];
  addresses: { text: string }[];
  block: Record<"receipts" | "writeSet" | "result" | "header" | "block" | "certificate" | "hash", string>;
}

const ROOT = process.cwd();
const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;
const json = <T>(path: string): T => JSON.parse(readFileSync(join(ROOT, path), "utf8")) as T;
const vectors = json<VectorFile>("test/vectors/protocol.json");
const proofs = json<{ trees: { root: string; proofs: { key: string; proof: string }[] }[] }>(
  "test/vectors/stateProof.json",
);
const comet = json<{ certificate: string }>("test/vectors/comet.json");
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const words = (...list: string[]): Uint8Array[] => list.map(utf8Bytes);
const transactions = vectors.transactions.map(({ transaction }) => hex(transaction));
const JSON_WORDS = words(
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "null",
  "true",
  "-1",
  "1e999",
  "0.5",
  '"__proto__"',
  '"\\ud800"',
  "9007199254740993",
);
const BLOCK = hex(vectors.block.block);
const CERTIFICATES = [hex(vectors.block.certificate), hex(comet.certificate), Uint8Array.of(0)];
const RECEIPTS = (vectors.block.receipts as unknown as string[]).map(hex);
const GENESIS_SEED = crc32(new Uint8Array(32));

function expectSame(input: Uint8Array, encoded: Uint8Array, what: string): void {
  if (!equalBytes(input, encoded)) {
    throw new Error(`two encodings of one ${what} are taken: ${toHex(input)} and ${toHex(encoded)}`);
  }
}

/** A decoder of bytes with one valid encoding. */
function codec<T>(
  name: string,
  seeds: Uint8Array[],
  decode: (input: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  weight = 10,
): FuzzTarget {
  const run = (input: Uint8Array): void => expectSame(input, encode(decode(input)), name);
  return { name, seeds, words: [], weight, refusals: [CodedError, LvmError], run };
}

function target(
  name: string,
  seeds: (Uint8Array | string)[],
  run: (input: Uint8Array) => void,
  more: Partial<FuzzTarget> = {},
): FuzzTarget {
  const asBytes = seeds.map((seed) => (typeof seed === "string" ? utf8Bytes(seed) : seed));
  return { name, seeds: asBytes, words: [], weight: 10, refusals: [CodedError], run, ...more };
}

const committed = {
  height: 1,
  hash: hex(vectors.block.hash),
  block: decodeBlock(BLOCK),
  certificate: decodeCertificate(CERTIFICATES[0]),
  receipts: RECEIPTS,
  writeSet: hex(vectors.block.writeSet),
  transactions: [],
};

function evidenceSeed(): Uint8Array {
  const { header } = decodeBlock(BLOCK);
  const signed = (timeMs: number) => ({ header: { ...header, timeMs }, signature: new Uint8Array(64).fill(1) });
  return encodeEvidence({ kind: 1, publicKey: header.proposer, blocks: [signed(1), signed(2)] });
}

/** A claim of the signing record: height, round, step, hash, checksum, twice. */
function claimSeed(): Uint8Array {
  const entry = concatBytes(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0), new Uint8Array(48));
  new DataView(entry.buffer).setUint32(60, crc32(entry.subarray(0, 60), 0), true);
  return concatBytes(entry, entry, entry, entry);
}

function logRecordSeed(): Uint8Array {
  const record = concatBytes(new Uint8Array(40), encodeCommittedBlock(committed));
  const payloadChecksum = crc32(record.subarray(40));
  sealRecord(record, { height: 1, previousChecksum: 0, batchIndex: 0, fileOffset: 64, payloadChecksum }, GENESIS_SEED);
  return record;
}

const intake = new IntakeKernel();
intake.setParameters(
  encodeKernelParameters(genesisParameters(json<{ parameters: GenesisParameters }>("chains/ttchain.json").parameters), {
    height: 1,
    timeMs: 0,
    genesisHash: hex(vectors.genesisHash),
  }),
);

/** What the intake kernel takes for a payment is one to the decoder too, with the same content. */
function readArriving(input: Uint8Array): void {
  intake.begin();
  const fits = intake.add(transactions[0]) && intake.add(input);
  if (!fits) {
    return;
  }
  intake.read();
  const payment = intake.payment(1);
  if (payment === undefined) {
    throw new CodedError("MALFORMED", "no plain payment to the kernel");
  }
  let decoded: Transaction;
  try {
    decoded = decodeTransaction(input);
  } catch (error) {
    throw new Error(`the kernel takes what the decoder refuses: ${error}`);
  }
  const [operation] = decoded.operations;
  if (operation.kind !== "transfer") {
    throw new Error(`the kernel takes ${operation.kind} for a transfer`);
  }
  const { idKey, bodyBytes, lane, sequence, validUntil } = payment;
  const { sender, cosigners, feePayer, payer, payee, fee, isFeeWithinLimit, amount } = intake.terms(1);
  const read = [
    toHex(keyBytes(idKey)),
    bodyBytes,
    lane,
    sequence,
    validUntil,
    feePayer,
    isFeeWithinLimit,
    amount,
    payer,
  ];
  const { signers } = decoded;
  const expected = [
    toHex(decoded.id),
    decoded.bodyBytes,
    decoded.lane,
    decoded.sequence,
    decoded.validUntil,
    decoded.feePayer,
    decoded.feeLimit >= fee,
    operation.amount,
    operation.account,
  ];
  const sameSigners = [sender, ...cosigners].join() === signers.map(({ address }) => bytesKey(address)).join();
  if (read.join() !== expected.join() || !sameSigners || payee !== bytesKey(operation.to)) {
    throw new Error(`the kernel reads ${read.join()}, the decoder ${expected.join()}`);
  }
}

const bytesTargets: FuzzTarget[] = [
  codec(
    "transaction",
    transactions,
    decodeTransaction,
    (value) => encodeTransaction(encodeBody(value), value.signatures),
    40,
  ),
  target("arriving payment", transactions, readArriving, { weight: 40 }),
  codec("receipt", RECEIPTS, decodeReceipt, encodeReceipt, 20),
  codec("header", [hex(vectors.block.header)], decodeHeader, encodeHeader),
  codec("result record", [hex(vectors.block.result)], decodeResult, encodeResult),
  codec("block", [BLOCK], decodeBlock, encodeBlock),
  codec("certificate", CERTIFICATES, decodeCertificate, encodeCertificate, 20),
  codec("evidence", [evidenceSeed()], decodeEvidence, encodeEvidence),
  codec("write set", [hex(vectors.block.writeSet)], decodeWriteSet, encodeWriteSet),
  codec("stored block", [encodeCommittedBlock(committed)], decodeCommittedBlock, encodeCommittedBlock),
  codec(
    "contract values",
    [encodeLvmValues([1n, "text", true, null, [1n, 2n], new Map([["a", 1n]])]), encodeLvmValues([-(2n ** 63n)])],
    decodeLvmValues,
    encodeLvmValues,
    20,
  ),
  codec(
    "batch frame",
    [encodeBatchFrame(7, transactions.slice(0, 2), true)],
    (input) => {
      requestOfFrame(input);
      return decodeBatchFrame(input);
    },
    (frame) => encodeBatchFrame(frame.request, frame.transactions, frame.final),
  ),
  codec(
    "state proof",
    proofs.trees.flatMap((tree) => tree.proofs.map(({ proof }) => hex(proof))).filter((proof) => proof.length > 0),
    decodeStateProof,
    encodeStateProof,
  ),
  target(
    "proven value",
    proofs.trees.flatMap((tree) =>
      tree.proofs.map(({ key, proof }) => concatBytes(hex(tree.root), hex(key), hex(proof))),
    ),
    (input) => provenValue(input.slice(0, 32), input.slice(32, 64), input.slice(64)),
    { weight: 3 },
  ),
  target("log record", [logRecordSeed()], (input) => parseRecordHeader(input, GENESIS_SEED)),
  target("signing record", [claimSeed()], (input) => lastClaim(input, 0, "record"), {
    refusals: [DamageError],
  }),
];

const NO_HEADERS = { contentType: "", authorization: "", idempotencyKey: "", address: "127.0.0.1" };

function readQuery(input: Uint8Array): void {
  const [path, query = ""] = text(input).split("?");
  const parts = { ...NO_HEADERS, path: { name: path }, query, body: new Uint8Array(0), visitor: undefined as never };
  const request = new RouteRequest({ ...parts, aborted: new AbortController().signal });
  for (const read of [
    () => request.path("name"),
    () => request.pathNumber("name"),
    () => request.pathAddress("name"),
    () => request.limit(20, 100),
    () => request.optionalNumber("height"),
    () => parseUnits(request.optional("amount") ?? "1", "amount"),
    () => parseToken(request.optional("token") ?? "TTC", "token"),
    () => parseHash(request.optional("reference") ?? "", "reference"),
    () => parseCursor(request.optional("before") ?? ""),
  ]) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof CodedError)) {
        throw error;
      }
    }
  }
}

function readAddress(input: Uint8Array): void {
  const given = text(input);
  const formatted = formatAddress(parseAddress(given));
  if (formatted !== given.toLowerCase()) {
    throw new Error(`two texts of one address are taken: ${given} and ${formatted}`);
  }
}

function readClientMessage(input: Uint8Array): void {
  const fields = parseFields(text(input));
  requestOf(fields);
  parseMessage(fields);
}

const ADDRESS = vectors.addresses[0].text;
const NODE_KEYS = JSON.stringify({
  format: "ttchain-node-keys",
  version: 1,
  keys: [{ name: "delegate-1", publicKey: "00".repeat(32) }],
  kdf: { name: "scrypt", n: 2, r: 8, p: 1, salt: "00".repeat(32) },
  cipher: { name: "xchacha20-poly1305", nonce: "00".repeat(24) },
  ciphertext: "00".repeat(48),
});
const WALLET = NODE_KEYS.replace("ttchain-node-keys", "ttchain-key-file").replace(
  '"keys"',
  `"address":"${ADDRESS}","keys"`,
);

const textTargets: FuzzTarget[] = [
  target(
    "address",
    [...vectors.addresses.map((address) => address.text), "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"],
    readAddress,
    {
      words: words("ttc1", "TTC1", "1", "q", "0x"),
      weight: 6,
    },
  ),
  target(
    "socket message",
    [
      `{"type":"subscribe","request":1,"topic":"account","address":"${ADDRESS}","from":7}`,
      '{"type":"submit","request":2,"transactions":["00ff","0a"],"final":true}',
      '{"type":"unsubscribe","request":3,"subscription":4}',
    ],
    readClientMessage,
    { words: [...JSON_WORDS, ...words('"type"', '"request"', '"topic"', '"transactions"', '"submit"')], weight: 20 },
  ),
  target(
    "query",
    ["5?limit=7&height=3&token=TTC&amount=100", `${ADDRESS}?before=${"00".repeat(13)}&reference=${"ab".repeat(32)}`],
    readQuery,
    {
      words: words("%", "%00", "%E0%A4%A", "&", "=", "limit=", "amount=", "99999999999999999999", "\u0000"),
      weight: 3,
    },
  ),
  target(
    "JSON body",
    ['{"transactions":["00"],"wait":"committed"}', '{"address":"ttc1","token":"TTC","amount":"5"}'],
    (input) => {
      const parts = { ...NO_HEADERS, path: {}, query: "", body: input, visitor: undefined as never };
      new RouteRequest({ ...parts, aborted: new AbortController().signal }).jsonObject();
    },
    { words: JSON_WORDS, weight: 6 },
  ),
  target(
    "forwarded address",
    ["192.0.2.1, 2001:db8::1", "::ffff:192.0.2.7", "[fe80::1%eth0]:80"],
    (input) => {
      const address = clientAddress("127.0.0.1", text(input), () => true);
      addressGroup(address);
    },
    { words: words("::", ":", ".", ",", "%", "ffff", "[", "]"), weight: 6 },
  ),
  target("wallet file", [WALLET], (input) => parseKeyFile(parse(input)), { words: JSON_WORDS, weight: 6 }),
  target("node's keys", [NODE_KEYS], (input) => parseNodeKeys(text(input)), {
    words: JSON_WORDS,
    weight: 6,
    refusals: [NodeKeysError],
  }),
  target(
    "API keys",
    [formatApiKeys([{ id: "aa", name: "b", scopes: ["metrics"], hash: "00".repeat(32), createdMs: 1 }])],
    (input) => parseApiKeys(text(input)),
    { words: JSON_WORDS, weight: 6, refusals: [ApiKeyFileError] },
  ),
  target("contract's JSON", ['{"a":[1,2,true,"\\u00e9"],"b":{"c":-5}}'], (input) => writeJson(readJson(input)), {
    words: JSON_WORDS,
    weight: 10,
    refusals: [LvmError],
  }),
  target("contract source", contractSources(), (input) => prepareSource(input), {
    words: words(
      "--[==[",
      "]==]",
      "[[",
      "]]",
      "function",
      "end",
      "for",
      "=",
      ",",
      "goto",
      "::a::",
      "\\z",
      '"',
      "'",
      "0x1p4",
      "..",
      "<const>",
    ),
    weight: 2,
    refusals: [LvmError],
  }),
];

function parse(input: Uint8Array): unknown {
  try {
    return JSON.parse(text(input));
  } catch {
    throw new CodedError("MALFORMED");
  }
}

function contractSources(): Uint8Array[] {
  return readdirSync(join(ROOT, "contracts"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".lua"))
    .slice(0, 12)
    .map((name) => new Uint8Array(readFileSync(join(ROOT, "contracts", name))).slice(0, 4_000));
}

export const FUZZ_TARGETS: FuzzTarget[] = [...bytesTargets, ...textTargets];

/** Gives one input to a target. Throws where it answers with anything but a result or an error of its kind. */
export function runTarget({ run, refusals }: FuzzTarget, input: Uint8Array): boolean {
  try {
    run(input);
    return true;
  } catch (error) {
    if (!refusals.some((kind) => error instanceof kind)) {
      throw error;
    }
    return false;
  }
}
