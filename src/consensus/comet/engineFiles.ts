// The engine's home: its configuration, genesis and keys, as CometBFT 0.40 reads them. What is not named keeps the engine's
// default. Figures behind the values stand in docs/decisions/comet.md.

import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, toHex } from "../../base/bytes.js";
import { cometAddress, cometChainId } from "../../protocol/comet.js";
import type { Delegate } from "../../protocol/delegates.js";
import type { ChainParameters } from "../../protocol/parameters.js";
import { INTERVAL_BY_VOTE_MOST_MS } from "../../protocol/votableBounds.js";
import { ed25519 } from "../../wasm/ed25519.js";
import type { LastSigned } from "../signingRecord.js";
import { partTime } from "./signerMessages.js";
import { noteOf } from "./voteSigner.js";

const VOTING_KEY_FILE = "priv_validator_key.json";
const SIGNED_FILE = "priv_validator_state.json";
/** Above a block's own limit: the entries' framing. */
const BLOCK_BYTES_SPARE = 65_536;
/** A node waits this much longer than any heartbeat may take for a proposal before it goes on to the next proposer. */
const PROPOSE_SPARE_MS = 1_000;

export interface EngineSettings {
  /** Shown to other nodes. */
  moniker: string;
  /** Unix socket of the application. */
  socketPath: string;
  /** host:port on which other nodes reach it. */
  p2pListen: string;
  /** host:port that it tells other nodes; empty: the one that it listens on. */
  p2pExternal: string;
  rpcPort: number;
  /** Where its RPC listens: nodes that join by a snapshot ask it for headers. 127.0.0.1 where undefined. */
  rpcHost?: string;
  /** Port of the engine's own metrics; 0: none. */
  metricsPort: number;
  /** Nodes to stay connected with: id@host:port. */
  peers: string[];
  /** Peers whose addresses it does not tell others: the validators behind a sentry. */
  privatePeers: string[];
  /** Whether it learns of further nodes by its peers; a validator behind sentries does not. */
  exchangesPeers: boolean;
  heartbeatIntervalMs: number;
  /** Unix socket on which it waits for whoever signs for it; undefined: it holds the key itself. */
  signerSocket: string | undefined;
  stateSync: { servers: string[]; trustHeight: number; trustHash: string } | undefined;
}

function list(values: string[]): string {
  return JSON.stringify(values.join(","));
}

/** config.toml. */
export function engineConfig(settings: EngineSettings): string {
  const { stateSync } = settings;
  return `# Written by ttchain; ttchain writes it again at each start, from node.json.
proxy_app = ${JSON.stringify(`unix://${settings.socketPath}`)}
moniker = ${JSON.stringify(settings.moniker)}
abci = "socket"
db_backend = "goleveldb"
log_level = "error"
priv_validator_laddr = ${JSON.stringify(settings.signerSocket === undefined ? "" : `unix://${settings.signerSocket}`)}

[rpc]
laddr = "tcp://${settings.rpcHost ?? "127.0.0.1"}:${settings.rpcPort}"

[p2p]
laddr = "tcp://${settings.p2pListen}"
external_address = ${JSON.stringify(settings.p2pExternal)}
persistent_peers = ${list(settings.peers)}
private_peer_ids = ${list(settings.privatePeers.map((peer) => peer.split("@")[0]))}
pex = ${settings.exchangesPeers}
addr_book_strict = false
allow_duplicate_ip = true
send_rate = 1000000000
recv_rate = 1000000000
max_packet_msg_payload_size = 65536
flush_throttle_timeout = "5ms"
dial_timeout = "3s"
persistent_peers_max_dial_period = "5s"

[mempool]
type = "app"
broadcast = true
reap_interval = "50ms"
reap_max_bytes = 1048576
max_tx_bytes = 1048576

[consensus]
timeout_propose = "${Math.max(settings.heartbeatIntervalMs, INTERVAL_BY_VOTE_MOST_MS) + PROPOSE_SPARE_MS}ms"
timeout_propose_delta = "500ms"
timeout_prevote = "500ms"
timeout_prevote_delta = "250ms"
timeout_precommit = "500ms"
timeout_precommit_delta = "250ms"
timeout_commit = "0s"
create_empty_blocks = true
create_empty_blocks_interval = "0s"
peer_gossip_sleep_duration = "5ms"

[tx_index]
indexer = "null"

[instrumentation]
prometheus = ${settings.metricsPort > 0}
prometheus_listen_addr = "127.0.0.1:${settings.metricsPort}"

[statesync]
enable = ${stateSync !== undefined}
rpc_servers = ${list(stateSync?.servers ?? [])}
trust_height = ${stateSync?.trustHeight ?? 0}
trust_hash = ${JSON.stringify(stateSync?.trustHash ?? "")}
trust_period = "168h0m0s"
discovery_time = "5s"
`;
}

function publicKeyJson(publicKey: Uint8Array): { type: string; value: string } {
  return { type: "tendermint/PubKeyEd25519", value: Buffer.from(publicKey).toString("base64") };
}

function privateKeyJson(seed: Uint8Array): { type: string; value: string } {
  const both = Buffer.concat([seed, ed25519.getPublicKey(seed)]);
  return { type: "tendermint/PrivKeyEd25519", value: both.toString("base64") };
}

function addressText(publicKey: Uint8Array): string {
  return toHex(cometAddress(publicKey)).toUpperCase();
}

/** The name by which other engines know one whose node key has this seed. */
export function engineNodeId(nodeKeySeed: Uint8Array): string {
  return toHex(cometAddress(ed25519.getPublicKey(nodeKeySeed)));
}

export interface EngineGenesis {
  genesisHash: Uint8Array;
  timeMs: number;
  delegates: Delegate[];
  blockBytesMax: number;
  blockTransactionsMax: number;
  /** How long evidence of double signing counts. */
  evidence: { blocks: number; hours: number };
}

/** The most bytes of an engine's block that holds a block of ours. */
export function engineBlockBytes(limits: Pick<ChainParameters, "blockBytesMax" | "blockTransactionsMax">): number {
  return limits.blockBytesMax + 2 * limits.blockTransactionsMax + BLOCK_BYTES_SPARE;
}

/** The engine's genesis.json. */
export function engineGenesis(genesis: EngineGenesis): string {
  const { delegates, blockBytesMax, blockTransactionsMax, evidence } = genesis;
  const hourNanoseconds = 3_600_000_000_000n;
  const document = {
    // A block's time lies above the time of what it follows.
    genesis_time: new Date(genesis.timeMs + 1).toISOString(),
    chain_id: cometChainId(genesis.genesisHash),
    initial_height: "1",
    consensus_params: {
      block: { max_bytes: `${engineBlockBytes({ blockBytesMax, blockTransactionsMax })}`, max_gas: "-1" },
      evidence: {
        max_age_num_blocks: `${evidence.blocks}`,
        max_age_duration: `${BigInt(evidence.hours) * hourNanoseconds}`,
        max_bytes: "65536",
      },
      validator: { pub_key_types: ["ed25519"] },
      version: { app: "1" },
      abci: { vote_extensions_enable_height: "0" },
    },
    validators: delegates.map(({ publicKey, power }, index) => ({
      address: addressText(publicKey),
      pub_key: publicKeyJson(publicKey),
      power: `${power}`,
      name: `delegate ${index + 1}`,
    })),
    app_hash: "",
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function saveSecret(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
}

export interface EngineKeys {
  /** What it votes with, where it holds that itself; a node that only follows has one that nobody elected. */
  votingSeed: Uint8Array | undefined;
  /** What names it to other nodes. */
  nodeSeed: Uint8Array;
}

/**
 * Writes the engine's home. What it last signed (data/priv_validator_state.json) is never written over: a delegate that forgets
 * it may sign twice.
 */
export async function writeEngineHome(
  home: string,
  settings: EngineSettings,
  genesis: EngineGenesis,
  keys: EngineKeys,
): Promise<void> {
  await mkdir(join(home, "config"), { recursive: true, mode: 0o700 });
  await mkdir(join(home, "data"), { recursive: true, mode: 0o700 });
  await writeFile(join(home, "config", "config.toml"), engineConfig(settings));
  await writeFile(join(home, "config", "genesis.json"), engineGenesis(genesis));
  await saveSecret(join(home, "config", "node_key.json"), { priv_key: privateKeyJson(keys.nodeSeed) });
  await saveVotingKey(home, keys.votingSeed);
}

async function saveVotingKey(home: string, votingSeed: Uint8Array | undefined): Promise<void> {
  const path = join(home, "config", VOTING_KEY_FILE);
  if (votingSeed === undefined) {
    // The engine makes itself one that it signs nothing with.
    await rm(path, { force: true });
    return;
  }
  const publicKey = ed25519.getPublicKey(votingSeed);
  await saveSecret(path, {
    address: addressText(publicKey),
    pub_key: publicKeyJson(publicKey),
    priv_key: privateKeyJson(votingSeed),
  });
  const signed = join(home, "data", SIGNED_FILE);
  if (!(await exists(signed))) {
    await saveSecret(signed, { height: "0", round: 0, step: 0 });
  }
}

/**
 * What the engine signed last by a key that it held itself: it asks for that again where it ended before it had written the vote down.
 * Undefined where its files don't say that it held this key.
 */
export async function signedByEngine(home: string, publicKey: Uint8Array): Promise<LastSigned | undefined> {
  const read = async (folder: string, name: string): Promise<unknown> => {
    const text = await readFile(join(home, folder, name), "utf8").catch(() => undefined);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const key = (await read("config", VOTING_KEY_FILE)) as { pub_key: { value: string } } | undefined;
  const signed = (await read("data", SIGNED_FILE)) as
    | { height: string; round: number; step: number; signbytes?: string }
    | undefined;
  if (signed === undefined || key?.pub_key.value !== publicKeyJson(publicKey).value) {
    return undefined;
  }
  const place = { height: Number(signed.height), round: signed.round, step: signed.step };
  const bytes = fromHex((signed.signbytes ?? "").toLowerCase());
  if (bytes === undefined || bytes.length === 0) {
    return { place };
  }
  const { message, time } = partTime(bytes);
  return { place, message, note: noteOf(time) };
}
