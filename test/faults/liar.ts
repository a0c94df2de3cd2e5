// A proposer that lies: it stands between an engine and its application, hands on everything, and alters what the application
// proposes. It holds the delegate's key, so that its lies are signed; and it votes for them.

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { concatBytes, fromHex } from "../../src/base/bytes.js";
import { decodeRequest, encodeList, encodeResponse } from "../../src/consensus/comet/abciMessages.js";
import { FrameCutter } from "../../src/consensus/comet/abciServer.js";
import { blockEntries, blockOfEntries } from "../../src/consensus/comet/blockEntries.js";
import { openKeys } from "../../src/consensus/solo/chainFiles.js";
import { type Block, decodeResult, encodeResult, resultMessage, transactionsRoot } from "../../src/protocol/block.js";
import { type Genesis, genesisHash } from "../../src/protocol/genesis.js";
import { lengthDelimited, ProtobufReader } from "../../src/protocol/protobuf.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { merkleRoot } from "../../src/wasm/sha256.js";
import type { TestnetNode } from "../e2e/testnet.js";

const PREPARE = "prepareProposal";
const PROCESS = "processProposal";
const ACCEPTED = encodeResponse(18, Uint8Array.of(8, 1));

export const LIES = ["wrong result", "duplicate", "invalid signature", "oversized"] as const;
export type Lie = (typeof LIES)[number];

export class Liar {
  readonly told: Lie[] = [];
  private next = 0;
  private server: Server | undefined;
  private engine: ChildProcess | undefined;

  private constructor(
    private readonly node: TestnetNode,
    private readonly seed: Uint8Array,
    private readonly genesisHash: Uint8Array,
  ) {}

  /** Takes over a node whose application runs with --external-engine, and starts its engine. */
  static async takeOver(node: TestnetNode): Promise<Liar> {
    const { delegates } = await openKeys(node.home, undefined);
    const genesis = JSON.parse(await readFile(join(node.home, "genesis.json"), "utf8")) as Genesis;
    const liar = new Liar(node, delegates[0], genesisHash(genesis));
    const socketPath = join(node.home, "liar.sock");
    liar.server = createServer((socket) => liar.serve(socket));
    await new Promise<void>((resolve) => liar.server!.listen(socketPath, resolve));
    liar.engine = await startEngine(node, { proxyApplication: socketPath });
    return liar;
  }

  private serve(engine: Socket): void {
    const application = connect(join(this.node.home, "abci.sock"));
    const names: string[] = [];
    const requests = new FrameCutter();
    const responses = new FrameCutter();
    engine.on("data", (chunk) => {
      names.push(...requests.push(chunk).map((frame) => decodeRequest(frame).name));
      application.write(chunk);
    });
    application.on("data", (chunk) => {
      for (const frame of responses.push(chunk)) {
        engine.write(lengthDelimited(this.alter(names.shift() ?? "", frame)));
      }
    });
    for (const [one, other] of [
      [engine, application],
      [application, engine],
    ]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }

  private alter(name: string, frame: Uint8Array): Uint8Array {
    if (name === PROCESS) {
      return ACCEPTED;
    }
    if (name !== PREPARE) {
      return frame;
    }
    const response = new ProtobufReader(frame);
    response.next();
    const list = new ProtobufReader(response.bytes());
    const entries: Uint8Array[] = [];
    while (list.next()) {
      entries.push(list.bytes());
    }
    const lie = LIES[this.next % LIES.length];
    const block = blockOfEntries(entries);
    if (block.transactions.length === 0 && lie !== "wrong result") {
      return frame;
    }
    this.next++;
    this.told.push(lie);
    return encodeResponse(17, encodeList(blockEntries(this.lieAbout(block, lie))));
  }

  private lieAbout(block: Block, lie: Lie): Block {
    const record = decodeResult(block.result);
    const transactions = block.transactions.slice();
    if (lie === "wrong result") {
      record.stateRoot[0] ^= 1;
    } else if (lie === "duplicate") {
      transactions.push(transactions[0]);
    } else if (lie === "invalid signature") {
      transactions[0] = transactions[0].slice();
      transactions[0][transactions[0].length - 1] ^= 1;
    } else {
      // Above the chain's own limit, and still within the engine's.
      for (let bytes = 0; bytes <= 2 * 1024 * 1024; bytes += transactions[0].length) {
        transactions.push(transactions[0]);
      }
    }
    record.payloadRoot = merkleRoot(transactions);
    record.signature = ed25519.sign(resultMessage(this.genesisHash, record), this.seed);
    const result = encodeResult(record);
    const header = { ...block.header, transactionsRoot: transactionsRoot(result, transactions) };
    return { header, result, transactions };
  }

  stop(): void {
    this.engine?.kill("SIGKILL");
    this.server?.close();
  }
}

/** Starts a node's engine, whose files its application has written, with another application socket or node key. */
export async function startEngine(
  node: TestnetNode,
  change: { proxyApplication?: string; nodeSeed?: Uint8Array },
): Promise<ChildProcess> {
  const home = join(node.home, "engine");
  const path = join(home, "config", "config.toml");
  const { proxyApplication, nodeSeed } = change;
  if (proxyApplication !== undefined) {
    const config = await readFile(path, "utf8");
    await writeFile(path, config.replace(/^proxy_app = .*$/m, `proxy_app = "unix://${proxyApplication}"`));
  }
  if (nodeSeed !== undefined) {
    const value = Buffer.from(concatBytes(nodeSeed, ed25519.getPublicKey(nodeSeed))).toString("base64");
    const key = { priv_key: { type: "tendermint/PrivKeyEd25519", value } };
    await writeFile(join(home, "config", "node_key.json"), JSON.stringify(key));
  }
  const binary = process.env.TTCHAIN_ENGINE ?? join(import.meta.dirname, "../../.engine/cometbft");
  return spawn(binary, ["start", "--home", home], { stdio: "ignore" });
}

/** The bytes of the evidence files that a node has written. */
export function evidenceBytes(text: string): Uint8Array {
  return fromHex(text.trim())!;
}
