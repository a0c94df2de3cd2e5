// A node's home when it is joined to others: genesis.json, keys.json, node.json with addresses and ports, and engine/ for the
// engine, whose files are written from those three at each start.

import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { equalBytes, toHex } from "./base/bytes.js";
import { nodeDisk } from "./base/disk.js";
import type { Random } from "./base/random.js";
import { saveFile } from "./base/secretFile.js";
import { engineNodeId, signedByEngine, writeEngineHome } from "./consensus/comet/engineFiles.js";
import { founderOf, makeNodeSeeds, makeSharedGenesis, type NodeSeeds } from "./consensus/comet/sharedChain.js";
import { SIGNER_DIRECTORY, SIGNING_RECORD_FILE, SigningRecord } from "./consensus/signingRecord.js";
import { openKeys, readGenesis, saveGenesis, saveKeys } from "./consensus/solo/chainFiles.js";
import type { ChainProfile } from "./consensus/solo/developmentChain.js";
import type { CometNodeOptions, StateSyncTrust } from "./engineOptions.js";
import { type Genesis, type GenesisParameters, genesisHash, verifyGenesis } from "./protocol/genesis.js";
import { genesisDelegates } from "./protocol/genesisDelegates.js";
import { ed25519 } from "./wasm/ed25519.js";

const NODE_FILE = "node.json";
const CARD_FILE = "card.json";
const ENGINE = "engine";
/** What the node signed for its engine; not part of backups. */
/** Evidence of double signing counts for as long as a deposit can't be taken out. */
const EVIDENCE = { blocks: 2_000_000, hours: 14 * 24 };

/** What node.json holds: everything that an operator may set. */
export interface NodeSettings {
  moniker: string;
  /** By which other engines know this one. */
  nodeId: string;
  apiHost: string;
  apiPort: number;
  /** host:port on which other nodes reach this one. */
  p2pListen: string;
  /** host:port that it tells other nodes, where that is another. */
  p2pExternal: string;
  rpcPort: number;
  /** Where the engine's RPC listens; 127.0.0.1 where absent. */
  rpcHost?: string;
  /** How a home without blocks joins its chain by a snapshot; absent: by all blocks. */
  stateSync?: StateSyncTrust;
  /** Port of the engine's metrics; 0: none. */
  metricsPort: number;
  /** id@host:port of nodes to stay connected with. */
  peers: string[];
  privatePeers: string[];
  exchangesPeers: boolean;
  /** Whether it hands transactions of one peer on to the others, as a sentry does. */
  relays: boolean;
  /** Whether the node signs for its engine, so that the key is never on the disk in the clear; the engine holds it where absent. */
  remoteSigner?: boolean;
}

export interface NodeHome {
  directory: string;
  settings: NodeSettings;
  genesis: Genesis;
}

/** A home that is to be written. */
export interface NewHome extends NodeHome {
  seeds: NodeSeeds;
}

async function readSettings(directory: string): Promise<NodeSettings> {
  const path = join(directory, NODE_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`${directory} is no node's home: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text) as NodeSettings;
  } catch (error) {
    throw new Error(`${path} is no JSON: ${(error as Error).message}`);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export function isHome(directory: string): Promise<boolean> {
  return exists(join(directory, NODE_FILE));
}

/** What others are told of a node: nothing in it is secret. */
export interface NodeCard {
  moniker: string;
  publicKey: string;
  faucetKey: string;
  peer: string;
}

function saveSettings(directory: string, settings: NodeSettings): Promise<void> {
  return saveFile(join(directory, NODE_FILE), `${JSON.stringify(settings, null, 2)}\n`, 0o644);
}

/** Makes a home with fresh keys and no chain yet; returns its card, which is also in card.json. */
export async function initHome(
  directory: string,
  given: Omit<NodeSettings, "nodeId" | "peers" | "privatePeers" | "exchangesPeers" | "relays">,
  random: Random,
  keysPassphrase: Uint8Array | undefined,
): Promise<NodeCard> {
  const seeds = makeNodeSeeds(random);
  const nodeId = engineNodeId(seeds.node);
  const settings = { ...given, nodeId, peers: [], privatePeers: [], exchangesPeers: true, relays: false };
  const card = { moniker: settings.moniker, ...founderOf(seeds), peer: peerAddress(settings) };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await beginSigningRecord(directory, settings, seeds);
  await saveKeys(directory, seeds, random, keysPassphrase);
  await saveFile(join(directory, CARD_FILE), `${JSON.stringify(card, null, 2)}\n`, 0o644);
  await saveSettings(directory, settings);
  return card;
}

/** The genesis of a new development chain whose delegates are the nodes of these cards. */
export async function foundChain(cards: NodeCard[], timeMs: number): Promise<Genesis> {
  return makeSharedGenesis(await loadProfile(), timeMs, cards, cards.length);
}

/** Gives a home its chain and its peers; a home that has another chain is refused. Returns its settings. */
export async function joinHome(
  directory: string,
  genesis: Genesis,
  peers: string[],
  stateSync?: StateSyncTrust,
): Promise<NodeSettings> {
  const settings = await readSettings(directory);
  verifyGenesis(genesis);
  const before = await readGenesis(directory).catch(() => undefined);
  if (before !== undefined && !equalBytes(genesisHash(before), genesisHash(genesis))) {
    throw new Error(`${directory} belongs to another chain: its genesis.json differs from the one that was given`);
  }
  const others = peers.filter((peer) => !peer.startsWith(`${settings.nodeId}@`));
  const joined = {
    ...settings,
    peers: [...new Set([...settings.peers, ...others])],
    ...(stateSync === undefined ? {} : { stateSync }),
  };
  await saveGenesis(directory, genesis);
  await saveSettings(directory, joined);
  return joined;
}

/**
 * Makes the directory of a node that follows without an engine: its genesis file, `load`ed where there is none yet. Throws where the
 * chain is not the one of `hashExpected`, in hex.
 */
export async function beginFollowing(
  directory: string,
  load: () => Promise<Genesis>,
  hashExpected: string | undefined,
): Promise<void> {
  const known = await readGenesis(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  });
  const genesis = known ?? (await load());
  verifyGenesis(genesis);
  const hash = toHex(genesisHash(genesis));
  if (hashExpected !== undefined && hashExpected !== hash) {
    throw new Error(`expected the chain with genesis hash ${hashExpected}, got ${hash}`);
  }
  if (known === undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await saveGenesis(directory, genesis);
  }
}

/** The record of a key that was made just now, and signed nothing: later a home without a record may be a restored one. */
async function beginSigningRecord(directory: string, settings: NodeSettings, seeds: NodeSeeds): Promise<void> {
  if (settings.remoteSigner) {
    const path = join(directory, SIGNER_DIRECTORY);
    await nodeDisk.makeDirectory(path);
    await SigningRecord.begin(nodeDisk, path, ed25519.getPublicKey(seeds.delegates[0]));
  }
}

/**
 * Before the node signs for an engine that held the key itself: what that signed last begins the record, durably, and only then the engine's
 * copy of the key goes. A home that signed by its record may not go back: the engine has none of it.
 */
async function changeSigner(directory: string, { remoteSigner }: NodeSettings, publicKey: Uint8Array): Promise<void> {
  const path = join(directory, SIGNER_DIRECTORY);
  const hasRecord = await exists(join(path, SIGNING_RECORD_FILE));
  if (!remoteSigner && hasRecord) {
    throw new Error(
      `${path} says that this node signs for its engine: expected "remoteSigner": true in node.json, since the engine does not know what was signed`,
    );
  }
  const signed = remoteSigner && !hasRecord ? await signedByEngine(join(directory, ENGINE), publicKey) : undefined;
  if (signed !== undefined) {
    await nodeDisk.makeDirectory(path);
    await SigningRecord.begin(nodeDisk, path, publicKey, signed);
    await nodeDisk.syncDirectory(directory);
  }
}

/** Writes a home; the seeds are wiped. */
export async function saveHome(home: NewHome, random: Random, keysPassphrase: Uint8Array | undefined): Promise<void> {
  const { directory, settings, genesis, seeds } = home;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await beginSigningRecord(directory, settings, seeds);
  await saveKeys(directory, seeds, random, keysPassphrase);
  await saveGenesis(directory, genesis);
  await saveSettings(directory, settings);
}

export async function loadHome(directory: string): Promise<NodeHome> {
  const settings = await readSettings(directory);
  return { directory, settings, genesis: await readGenesis(directory) };
}

/** How peers name this node: id@host:port. */
export function peerAddress({ nodeId, p2pExternal, p2pListen }: NodeSettings): string {
  return `${nodeId}@${p2pExternal || p2pListen}`;
}

/** Writes the engine's files from the home's own; returns how the node reaches its engine. */
export async function prepareEngine(
  home: NodeHome,
  binary: string | undefined,
  keysPassphrase: Uint8Array | undefined,
  stateSync?: StateSyncTrust,
): Promise<CometNodeOptions> {
  const { directory, settings, genesis } = home;
  const { delegates, node } = await openKeys(directory, keysPassphrase?.slice());
  if (delegates.length !== 1 || node === undefined) {
    throw new Error(`expected the keys of one delegate and a node in ${directory}, got ${delegates.length}`);
  }
  await changeSigner(directory, settings, ed25519.getPublicKey(delegates[0]));
  const engineHome = join(directory, ENGINE);
  // While it joins by a snapshot nobody runs that could sign for it.
  const signerSocket = settings.remoteSigner && stateSync === undefined ? join(engineHome, "signer.sock") : undefined;
  const socketPath = join(directory, "abci.sock");
  const { parameters } = genesis;
  await writeEngineHome(
    engineHome,
    { ...settings, socketPath, heartbeatIntervalMs: parameters.heartbeatIntervalMs, signerSocket, stateSync },
    {
      genesisHash: genesisHash(genesis),
      timeMs: genesis.timeMs,
      delegates: genesisDelegates(genesis),
      blockBytesMax: parameters.blockBytesMax,
      blockTransactionsMax: parameters.blockTransactionsMax,
      evidence: EVIDENCE,
    },
    { votingSeed: settings.remoteSigner ? undefined : delegates[0], nodeSeed: node },
  );
  delegates[0].fill(0);
  const process = binary && { binary, home: engineHome, logPath: join(directory, "engine.log") };
  const evidenceDirectory = join(directory, "evidence");
  return {
    socketPath,
    rpcPort: settings.rpcPort,
    evidenceDirectory,
    relays: settings.relays,
    ...(signerSocket && {
      signer: { socketPath: signerSocket, recordDirectory: join(directory, SIGNER_DIRECTORY) },
    }),
    ...(process ? { process } : {}),
  };
}

/** Where `npm run engine:install` puts the engine. */
export function engineBinary(): string {
  return process.env.TTCHAIN_ENGINE ?? fileURLToPath(new URL("../.engine/cometbft", import.meta.url));
}

export interface TestnetPlan {
  directory: string;
  /** Nodes that are delegates from the first block on. */
  delegates: number;
  /** Further nodes that follow. */
  others: number;
  /** The first port; each node takes four. */
  firstPort: number;
  /** Parameters that differ from the profile's. */
  parameters?: Partial<GenesisParameters>;
  /** Whether the nodes sign for their engines. */
  remoteSigner?: boolean;
}

/** Ports of one node of a test network: API, engine's p2p, engine's RPC, engine's metrics. */
const PORTS_A_NODE = 4;

/** Homes of a network on one machine, each node connected with all the others. */
export function makeTestnet(plan: TestnetPlan, profile: ChainProfile, random: Random, timeMs: number): NewHome[] {
  const count = plan.delegates + plan.others;
  const allSeeds = Array.from({ length: count }, () => makeNodeSeeds(random));
  const own = { ...profile, parameters: { ...profile.parameters, ...plan.parameters } };
  const genesis = makeSharedGenesis(own, timeMs, allSeeds.map(founderOf), plan.delegates);
  const homes = allSeeds.map((seeds, i): NewHome => {
    const port = plan.firstPort + PORTS_A_NODE * i;
    return {
      directory: join(plan.directory, `node${i}`),
      genesis,
      seeds,
      settings: {
        moniker: `node${i}`,
        nodeId: engineNodeId(seeds.node),
        apiHost: "127.0.0.1",
        apiPort: port,
        p2pListen: `127.0.0.1:${port + 1}`,
        p2pExternal: "",
        rpcPort: port + 2,
        metricsPort: 0,
        peers: [],
        privatePeers: [],
        exchangesPeers: false,
        relays: false,
        ...(plan.remoteSigner ? { remoteSigner: true } : {}),
      },
    };
  });
  for (const home of homes) {
    home.settings.peers = homes.filter((other) => other !== home).map(({ settings }) => peerAddress(settings));
  }
  return homes;
}

/** The profile that new chains begin from, which the package carries. */
export async function loadProfile(): Promise<ChainProfile> {
  return JSON.parse(await readFile(new URL("../chains/ttchain.json", import.meta.url), "utf8")) as ChainProfile;
}

/** The seed of the (first) delegate's key that a node's home or a chain's data directory holds. */
export async function delegateSeed(directory: string, passphrase: Uint8Array | undefined): Promise<Uint8Array> {
  const { delegates } = await openKeys(directory, passphrase);
  if (delegates.length === 0) {
    throw new Error(`expected a delegate's key in ${directory}, got none`);
  }
  return delegates[0];
}
