// What the contract machine needs of the chain around it: a view of the state at the start of a transaction. Everything that
// a call changes comes back as effects (journal.ts) together with what it read, so that one caller can apply it, and
// another can run many calls at once against one view and check afterwards whether what they read still holds.
// Addresses and keys are byte strings: one byte per character (`bytesKey` of src/base/bytes.ts).

/** A contract's code. Equal hashes mean equal sources: the machine caches by the hash. */
export interface LvmContract {
  readonly codeHash: string;
  readonly source: Uint8Array;
}

/** The chain's own coin. Token ids are those of src/protocol/tokens.ts: TTC, TTM, TTMI or 64 lower-case hex digits. */
export const NATIVE_TOKEN = "TTC";

/** The state before the transaction; every method gives the same answer during one call of the machine. */
export interface LvmHost {
  getContract(address: string): LvmContract | undefined;
  /** The canonical encoding that a contract stored under `key`. */
  getStorage(contract: string, key: string): Uint8Array | undefined;
  /** In the token's smallest units. */
  getBalance(address: string, token: string): bigint;
  /** After how many heights a question of this block for a seed is answered. */
  seedHeights(): number;
  /** The chain's seed of a height that somebody asked for and that has passed. The same throughout a block. */
  seedAt(height: number): Uint8Array | undefined;
}

/** The block that a call belongs to. */
export interface LvmBlock {
  readonly height: number;
  readonly timeMs: number;
  /** Hash of the chain's first block, 32 bytes. */
  readonly genesisHash: string;
}

/** The transaction that a call belongs to. */
export interface LvmTransaction {
  readonly block: LvmBlock;
  /** Whose call it is, at the outermost contract. */
  readonly origin: string;
  readonly feePayer: string;
}

export interface LvmEvent {
  readonly contract: string;
  /** One byte per character. */
  readonly name: string;
  /** Canonical encoding of the array of arguments. */
  readonly data: Uint8Array;
}

export interface LvmTransfer {
  readonly from: string;
  readonly to: string;
  readonly token: string;
  readonly amountUnits: bigint;
}

export interface LvmStorageWrite {
  readonly contract: string;
  readonly key: string;
  /** Undefined: the entry is deleted. */
  readonly value: Uint8Array | undefined;
}

/** What a contract asks of the world outside. */
export interface LvmOracleRequest {
  readonly contract: string;
  readonly feed: string;
  /** The contract's own name for the request; one open request has it. */
  readonly key: string;
  /** The function that gets the answer, and the gas that it may use. */
  readonly callback: string;
  readonly gas: number;
}

/** A contract that a contract made. */
export interface LvmDeployment {
  readonly deployer: string;
  readonly address: string;
  /** The contract whose code it has, and that code's hash. */
  readonly template: string;
  readonly codeHash: string;
}

/** What a successful call changes. Storage writes are the last one of each entry, in the order of first writing. */
export interface LvmEffects {
  readonly storage: LvmStorageWrite[];
  readonly transfers: LvmTransfer[];
  readonly events: LvmEvent[];
  readonly requests: LvmOracleRequest[];
  /** In the order in which they were made: a later one may have an earlier one's code. */
  readonly deployments: LvmDeployment[];
  /** Heights whose seeds are asked for. */
  readonly seedAsks: number[];
}

/** What a call read of the host's view, whether it succeeded or not: it would end the same on any view equal in these. */
export interface LvmReads {
  readonly storage: LvmStorageWrite[];
  readonly balances: { readonly address: string; readonly token: string; readonly amountUnits: bigint }[];
  readonly contracts: { readonly address: string; readonly codeHash: string | undefined }[];
}
