// A chain of any number of accounts, made without executing payments: blocks whose write sets bring accounts into being, signed as a solo
// chain's are. Whoever verifies or restores it can't tell it from one that came about by payments.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import profile from "../../chains/ttchain.json" with { type: "json" };
import { equalBytes } from "../../src/base/bytes.js";
import { nodeDisk } from "../../src/base/disk.js";
import { SeededRandom } from "../../src/base/random.js";
import { type DelegateKey, delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { saveGenesis } from "../../src/consensus/solo/chainFiles.js";
import { makeDevelopmentChain } from "../../src/consensus/solo/developmentChain.js";
import { type Block, blockHash, encodeResult, resultMessage, transactionsRoot } from "../../src/protocol/block.js";
import { CERTIFICATE_SOLO, commitMessage } from "../../src/protocol/certificate.js";
import { delegateSetHash } from "../../src/protocol/delegates.js";
import { genesisHash } from "../../src/protocol/genesis.js";
import { receiptsRoot } from "../../src/protocol/receipt.js";
import { accountKey, encodeAccountLeaf } from "../../src/protocol/stateLeaves.js";
import { encodeWriteSet, type StateChange, sortChanges, writeSetHash } from "../../src/protocol/writeSet.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { readDelegates } from "../../src/state/views.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { encodeCommittedBlock } from "../../src/storage/committedBlock.js";
import { openLmdbStore } from "../../src/storage/lmdbStore.js";
import { merkleRoot } from "../../src/wasm/sha256.js";

const ACCOUNTS_A_BLOCK = 20_000;
const CACHE_BYTES = 256 * 1024 * 1024;

function newAccounts(random: SeededRandom, count: number): StateChange[] {
  const changes: StateChange[] = [];
  for (let i = 0; i < count; i++) {
    const balances: [bigint, bigint, bigint] = [BigInt(random.uint32()), BigInt(random.below(1_000)), 0n];
    const value = encodeAccountLeaf({ balances, deposit: 1_000_000n, tokenCount: 0 });
    changes.push({ key: accountKey(random.bytes(32)), value });
  }
  return sortChanges(changes);
}

/** Makes the chain in `directory`, its log in files of the usual size where none is given; returns its last height and root. */
export async function makeChain(
  directory: string,
  accounts: number,
  segmentBytes?: number,
): Promise<{ height: number; root: Uint8Array }> {
  const random = new SeededRandom(1);
  const { genesis, keys } = makeDevelopmentChain(
    { name: "made", parameters: profile.parameters },
    random,
    1_700_000_000_000,
    4,
  );
  const delegateKeys = keys.delegates.map(delegateKeyOfSeed);
  await mkdir(directory, { recursive: true });
  await saveGenesis(directory, genesis);
  const hash = genesisHash(genesis);
  const logOptions = { genesisHash: hash, ...(segmentBytes === undefined ? {} : { segmentBytes }) };
  const log = await BlockLog.open(nodeDisk, join(directory, "blocks"), logOptions);
  const store = openLmdbStore(join(directory, "state"));
  const state = State.open(store, { pageCacheBytes: CACHE_BYTES, historyHeights: 100 });
  state.commit(0, state.prepare(genesisChanges(genesis)));
  let parentHash = hash;
  for (let left = accounts; left > 0; left -= ACCOUNTS_A_BLOCK) {
    const changes = newAccounts(random, Math.min(left, ACCOUNTS_A_BLOCK));
    parentHash = await addBlock({ hash, log, state, delegateKeys, parentHash, changes });
    await state.flush();
  }
  const { height, root } = state;
  await store.close();
  await log.close();
  return { height, root };
}

interface NextBlock {
  hash: Uint8Array;
  log: BlockLog;
  state: State;
  delegateKeys: DelegateKey[];
  parentHash: Uint8Array;
  changes: StateChange[];
}

async function addBlock({ hash, log, state, delegateKeys, parentHash, changes }: NextBlock): Promise<Uint8Array> {
  const height = state.height + 1;
  const prepared = state.prepare(changes);
  const writeSet = encodeWriteSet(changes);
  const [proposer] = delegateKeys;
  const unsigned = {
    height,
    parentHash,
    payloadRoot: merkleRoot([]),
    stateRoot: prepared.root,
    receiptsRoot: receiptsRoot([]),
    writeSetHash: writeSetHash(writeSet),
    delegateSetHash: delegateSetHash(readDelegates(state)),
    tally: [],
    seedProof: new Uint8Array(0),
    proposer: proposer.publicKey,
  };
  const result = encodeResult({ ...unsigned, signature: proposer.sign(resultMessage(hash, unsigned)) });
  const header = {
    height,
    timeMs: 1_700_000_000_000 + height,
    proposer: proposer.publicKey,
    parentHash,
    transactionsRoot: transactionsRoot(result, []),
  };
  const block: Block = { header, result, transactions: [] };
  const ownHash = blockHash(hash, header);
  const message = commitMessage(hash, height, ownHash);
  const signatures = readDelegates(state).map(({ publicKey }, delegate) => {
    const key = delegateKeys.find((held) => equalBytes(held.publicKey, publicKey)) as DelegateKey;
    return { delegate, signature: key.sign(message) };
  });
  const certificate = { kind: CERTIFICATE_SOLO, signatures } as const;
  const committed = { height, hash: ownHash, block, certificate, receipts: [], writeSet, transactions: [] };
  await log.append(height, [encodeCommittedBlock(committed)]);
  state.commit(height, prepared);
  return ownHash;
}
