// Walks everything that a stopped node has stored: blocks with their links, entries, receipts, write sets and certificates; the state page by page
// against the roots that blocks prove; history, certificates and what was signed. Names the first damage it meets.

import { bytesKey, equalBytes, toHex } from "./base/bytes.js";
import { type ChainData, openChainData, openStoredState } from "./chainData.js";
import { readBlockSummary } from "./history/directRows.js";
import { HISTORY_TABLES } from "./history/historyTables.js";
import { blockHash, decodeResult, type ResultRecord } from "./protocol/block.js";
import { blockMatchesHeader, CERTIFICATE_PENDING, verifyCertificate } from "./protocol/certificate.js";
import { type Delegate, decodeDelegates, delegateSetHash } from "./protocol/delegates.js";
import { CodedError } from "./protocol/errors.js";
import { genesisDelegates } from "./protocol/genesisDelegates.js";
import { receiptsRoot } from "./protocol/receipt.js";
import { decodeSeedLeaf, expectSeedProven, type SeedLeaf, seedKey } from "./protocol/seed.js";
import { decodeSystemLeaf, systemKey } from "./protocol/stateLeaves.js";
import { decodeWriteSet, type StateChange, writeSetHash } from "./protocol/writeSet.js";
import type { State } from "./state/state.js";
import { UNDO_TABLE } from "./state/tree/stateHistory.js";
import { DELEGATES_LEAF, readDelegates } from "./state/views.js";
import { CERTIFICATES_TABLE } from "./storage/certificateStore.js";
import type { CommittedBlock } from "./storage/committedBlock.js";
import type { KeyValueStore } from "./storage/keyValueStore.js";
import { DamageError, isDamage } from "./storage/storageErrors.js";
import { verifySigningRecords } from "./verifySigningRecords.js";

const DELEGATES_KEY = bytesKey(systemKey(DELEGATES_LEAF));
/** Blocks, rows or pages between two words about how far it is. */
const TELL_EVERY = 1_000;

export interface Verification {
  sound: boolean;
  /** The part that is damaged, and the first damage found in it. */
  damage?: { part: string; message: string };
  blocks: number;
  firstBlock: number | undefined;
  lastBlock: number;
  certificates: number;
  /** Blocks whose certificate was not checked: the set of delegates before a pruned chain's first change is known from its end only. */
  certificatesUnchecked: number;
  stateHeight: number;
  leaves: number;
  pages: number;
  historyRows: number;
}

export interface VerifyOptions {
  dataDirectory: string;
  tell?: (line: string) => void;
}

/** Follows the set of delegates through the blocks' write sets. */
class DelegateTrail {
  private present: Delegate[] | undefined;
  private presentHash = "";

  constructor(private readonly known: Map<string, Delegate[]>) {}

  /** The set that agreed on a block; undefined where it is not known. */
  of(result: ResultRecord): Delegate[] | undefined {
    const hash = toHex(result.delegateSetHash);
    return hash === this.presentHash ? this.present : this.known.get(hash);
  }

  follow(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value !== undefined && bytesKey(key) === DELEGATES_KEY) {
        this.present = decodeDelegates(decodeSystemLeaf(value));
        this.presentHash = toHex(delegateSetHash(this.present));
      }
    }
  }
}

/** Follows the chain's seed through the blocks' write sets, and checks each proof that went into it. */
class SeedTrail {
  private present: SeedLeaf | undefined;

  constructor(
    private readonly genesisHash: Uint8Array,
    /** Whether the leaf is known from here on: a pruned chain shows it when it changes first. */
    private isKnown: boolean,
  ) {}

  follow(height: number, changes: readonly StateChange[], { proposer, seedProof }: ResultRecord): void {
    if (this.isKnown) {
      try {
        expectSeedProven(this.genesisHash, height, this.present, { proposer, proof: seedProof }, changes);
      } catch (error) {
        throw error instanceof CodedError ? new DamageError(`block ${height}: ${error.message}`) : error;
      }
    }
    const written = changes.find(({ key }) => equalBytes(key, seedKey))?.value;
    if (written !== undefined) {
      this.present = decodeSeedLeaf(written);
      this.isKnown = true;
    }
  }
}

const NOTHING_FOUND: Verification = {
  sound: true,
  blocks: 0,
  firstBlock: undefined,
  lastBlock: 0,
  certificates: 0,
  certificatesUnchecked: 0,
  stateHeight: -1,
  leaves: 0,
  pages: 0,
  historyRows: 0,
};

class ChainWalk {
  readonly found: Verification = { ...NOTHING_FOUND };
  /** Roots that the blocks prove, by height. */
  private readonly roots = new Map<number, string>();
  /** The latest block that each key signed. */
  private readonly signed = new Map<string, number>();

  constructor(
    private readonly data: ChainData,
    private readonly tell: (line: string) => void,
  ) {}

  async blocks(): Promise<void> {
    const { blocks, log, genesis, genesisHash } = this.data;
    const { found } = this;
    found.firstBlock = blocks.firstHeight;
    found.lastBlock = blocks.lastHeight;
    const known = [genesisDelegates(genesis), ...this.delegatesOfState()];
    const trail = new DelegateTrail(new Map(known.map((set) => [toHex(delegateSetHash(set)), set])));
    const seeds = new SeedTrail(genesisHash, found.firstBlock === 1);
    let before = found.firstBlock === 1 ? genesisHash : undefined;
    // The log's walk checks every record's checksum, and that it follows the one before.
    for await (const { height } of log.recordsFrom(found.firstBlock ?? 1)) {
      const block = await blocks.read(height);
      if (block === undefined || block.height !== height) {
        throw new DamageError(`block ${height} is not the one that the log's record ${height} should hold`);
      }
      this.block(block, before, trail, seeds);
      before = block.hash;
      found.blocks++;
      if (found.blocks % TELL_EVERY === 0) {
        this.tell(`block ${height} of ${found.lastBlock}`);
      }
    }
  }

  private delegatesOfState(): Delegate[][] {
    try {
      const state = openStoredState(this.data.stateStore);
      return state.height < 0 ? [] : [readDelegates(state)];
    } catch {
      // The state's own walk names what is wrong with it.
      return [];
    }
  }

  private block(block: CommittedBlock, before: Uint8Array | undefined, trail: DelegateTrail, seeds: SeedTrail): void {
    const { height, block: content, receipts, writeSet, certificate } = block;
    const { header } = content;
    const result = decodeResult(content.result);
    const expect = (holds: boolean, what: string): void => {
      if (!holds) {
        throw new DamageError(`block ${height}: ${what}`);
      }
    };
    expect(equalBytes(block.hash, blockHash(this.data.genesisHash, header)), "its hash is not that of its header");
    expect(before === undefined || equalBytes(header.parentHash, before), "it does not follow the block before it");
    expect(blockMatchesHeader(header, content.result, content.transactions), "its entries are not those of its header");
    expect(equalBytes(result.receiptsRoot, receiptsRoot(receipts)), "its receipts are not those that were agreed on");
    expect(equalBytes(result.writeSetHash, writeSetHash(writeSet)), "its write set is not the one that was agreed on");
    const delegates = trail.of(result);
    if (certificate.kind === CERTIFICATE_PENDING || delegates === undefined) {
      this.found.certificatesUnchecked++;
    } else {
      try {
        verifyCertificate(certificate, header, this.data.genesisHash, delegates);
      } catch (error) {
        throw error instanceof CodedError ? new DamageError(`block ${height}: ${error.message}`) : error;
      }
      this.found.certificates++;
      for (const { delegate } of certificate.signatures) {
        this.signed.set(bytesKey(delegates[delegate].publicKey), height);
      }
    }
    const changes = decodeWriteSet(writeSet);
    seeds.follow(height, changes, result);
    trail.follow(changes);
    this.roots.set(height, toHex(result.stateRoot));
  }

  state(): void {
    const state = openStoredState(this.data.stateStore);
    const { found } = this;
    found.stateHeight = state.height;
    if (state.height < 0) {
      return;
    }
    if (state.height > found.lastBlock) {
      throw new DamageError(`the state is at height ${state.height}, but the block log ends at ${found.lastBlock}`);
    }
    this.tell(`the state of height ${state.height}`);
    const { leaves, pages } = state.verify();
    found.leaves = leaves;
    found.pages = pages;
    this.pastRoots(state);
    scan(this.data.stateStore, [UNDO_TABLE], () => undefined);
  }

  /** The root of each kept height is the one that its block proves. */
  private pastRoots(state: State): void {
    for (let height = Math.max(1, state.oldestHeight); height <= state.height; height++) {
      const proved = this.roots.get(height);
      const root = toHex(state.rootAt(height));
      if (proved !== undefined && proved !== root) {
        throw new DamageError(`the state of height ${height} has root ${root}, but block ${height} proves ${proved}`);
      }
    }
  }

  /** Reads every row, which checks its checksum, and compares the summaries of blocks. */
  history(): void {
    const historyStore = this.data.openHistory();
    scan(historyStore, HISTORY_TABLES, () => {
      this.found.historyRows++;
      if (this.found.historyRows % (100 * TELL_EVERY) === 0) {
        this.tell(`${this.found.historyRows} rows of history`);
      }
    });
    for (const [height, root] of this.roots) {
      const summary = readBlockSummary(historyStore, height);
      if (summary !== undefined && toHex(summary.stateRoot) !== root) {
        throw new DamageError(`the history's summary of block ${height} is not that of the block`);
      }
    }
  }

  certificates(): void {
    if (this.data.certificates !== undefined) {
      scan(this.data.certificates, [CERTIFICATES_TABLE], () => undefined);
    }
  }

  signingRecords(): Promise<void> {
    return verifySigningRecords(this.data.directory, this.data.genesisHash, this.signed);
  }
}

function scan(store: KeyValueStore, tables: readonly string[], each: () => void): void {
  for (const table of tables) {
    for (const _ of store.range(table, {})) {
      each();
    }
  }
}

/** Walks all of it; damage is in the answer, and only what keeps the walk from beginning is thrown. */
export async function verifyChain({ dataDirectory, tell = () => undefined }: VerifyOptions): Promise<Verification> {
  let data: ChainData;
  try {
    data = await openChainData(dataDirectory);
  } catch (error) {
    if (!isDamage(error)) {
      throw error;
    }
    return { ...NOTHING_FOUND, sound: false, damage: { part: "block log", message: (error as Error).message } };
  }
  const walk = new ChainWalk(data, tell);
  const parts: [string, () => unknown][] = [
    ["block log", () => walk.blocks()],
    ["state", () => walk.state()],
    ["history", () => walk.history()],
    ["certificates", () => walk.certificates()],
    ["signing record", () => walk.signingRecords()],
  ];
  try {
    for (const [part, check] of parts) {
      tell(part);
      try {
        await check();
      } catch (error) {
        // A coded error is as much: bytes that passed their checksum and yet have no meaning.
        if (!isDamage(error) && !(error instanceof CodedError)) {
          throw error;
        }
        return { ...walk.found, sound: false, damage: { part, message: error.message } };
      }
    }
    return walk.found;
  } finally {
    await data.close();
  }
}
