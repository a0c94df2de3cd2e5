// What one transaction's calls read and changed so far, over the host's unchanging view. A failed call is undone to its
// mark; its reads stay, because its end depended on them.
import { assert } from "../../base/assert.js";
import { SEED_HEIGHTS_MAX } from "../../protocol/seed.js";
import type {
  LvmContract,
  LvmDeployment,
  LvmEffects,
  LvmEvent,
  LvmHost,
  LvmOracleRequest,
  LvmReads,
  LvmStorageWrite,
  LvmTransfer,
} from "./lvmHost.js";

/** Told of what calls ask and change, in order. */
export interface JournalObserver {
  /** `value`: canonical encoding; undefined where there is no entry. */
  read(contract: string, key: string, value: Uint8Array | undefined): void;
  write(contract: string, key: string, before: Uint8Array | undefined, value: Uint8Array | undefined): void;
  transfer(transfer: LvmTransfer): void;
  emit(event: LvmEvent): void;
  deploy(deployment: LvmDeployment): void;
}

/** One contract's entries: as read from the host, and as written since. */
export class ContractStorage {
  readonly reads = new Map<string, Uint8Array | undefined>();
  readonly writes = new Map<string, Uint8Array | undefined>();

  constructor(
    readonly contract: string,
    private readonly host: LvmHost,
    private readonly observer: JournalObserver | undefined,
  ) {}

  /** The entry's value now; an observer is told of the read. */
  read(key: string): Uint8Array | undefined {
    const value = this.get(key);
    this.observer?.read(this.contract, key, value);
    return value;
  }

  get(key: string): Uint8Array | undefined {
    const written = this.writes.get(key);
    if (written !== undefined || this.writes.has(key)) {
      return written;
    }
    const read = this.reads.get(key);
    if (read !== undefined || this.reads.has(key)) {
      return read;
    }
    const value = this.host.getStorage(this.contract, key);
    this.reads.set(key, value);
    return value;
  }
}

interface BalanceEntry {
  readonly address: string;
  readonly token: string;
  readonly startUnits: bigint;
  changeUnits: bigint;
}

type Undo = () => void;

/** See the file's head. */
export class CallJournal {
  private readonly storages = new Map<string, ContractStorage>();
  private readonly balances = new Map<string, BalanceEntry>();
  private readonly contracts = new Map<string, LvmContract | undefined>();
  private readonly transfers: LvmTransfer[] = [];
  readonly events: LvmEvent[] = [];
  readonly requests: LvmOracleRequest[] = [];
  readonly deployments: LvmDeployment[] = [];
  readonly seedAsks: number[] = [];
  /** Their code, by address. */
  private readonly deployed = new Map<string, LvmContract>();
  private readonly undoLog: Undo[] = [];

  constructor(
    private readonly host: LvmHost,
    private readonly observer?: JournalObserver,
  ) {}

  /** The code at `address`. */
  contract(address: string): LvmContract | undefined {
    const deployed = this.deployed.get(address);
    if (deployed !== undefined) {
      return deployed;
    }
    if (!this.contracts.has(address)) {
      this.contracts.set(address, this.host.getContract(address));
    }
    return this.contracts.get(address);
  }

  storageOf(contract: string): ContractStorage {
    let storage = this.storages.get(contract);
    if (storage === undefined) {
      storage = new ContractStorage(contract, this.host, this.observer);
      this.storages.set(contract, storage);
    }
    return storage;
  }

  /** Writes an entry; `undefined` deletes it. */
  write(storage: ContractStorage, key: string, value: Uint8Array | undefined): void {
    this.observer?.write(storage.contract, key, storage.get(key), value);
    const wasWritten = storage.writes.has(key);
    const previous = storage.writes.get(key);
    storage.writes.set(key, value);
    this.undoLog.push(() => {
      if (wasWritten) {
        storage.writes.set(key, previous);
      } else {
        storage.writes.delete(key);
      }
    });
  }

  private balanceEntry(address: string, token: string): BalanceEntry {
    const key = `${address.length}:${address}${token}`;
    let entry = this.balances.get(key);
    if (entry === undefined) {
      entry = { address, token, startUnits: this.host.getBalance(address, token), changeUnits: 0n };
      this.balances.set(key, entry);
    }
    return entry;
  }

  /** Balance now, the calls' own transfers included. */
  balance(address: string, token: string): bigint {
    const entry = this.balanceEntry(address, token);
    return entry.startUnits + entry.changeUnits;
  }

  /** Moves an amount, more than zero; false where the sender has less. */
  transfer(transfer: LvmTransfer): boolean {
    const { amountUnits } = transfer;
    const from = this.balanceEntry(transfer.from, transfer.token);
    if (from.startUnits + from.changeUnits < amountUnits) {
      return false;
    }
    const to = this.balanceEntry(transfer.to, transfer.token);
    from.changeUnits -= amountUnits;
    to.changeUnits += amountUnits;
    this.observer?.transfer(transfer);
    this.transfers.push(transfer);
    this.undoLog.push(() => {
      from.changeUnits += amountUnits;
      to.changeUnits -= amountUnits;
      this.transfers.pop();
    });
    return true;
  }

  emit(event: LvmEvent): void {
    this.observer?.emit(event);
    this.events.push(event);
    this.undoLog.push(() => {
      this.events.pop();
    });
  }

  /** Asks for outside data. */
  ask(request: LvmOracleRequest): void {
    this.requests.push(request);
    this.undoLog.push(() => {
      this.requests.pop();
    });
  }

  seedHeights(): number {
    return this.host.seedHeights();
  }

  /** The seed of `height`, which is any integer, as a block of `heightNow` sees it. */
  seedAt(height: bigint, heightNow: number): Uint8Array | undefined {
    const isKept = height > BigInt(heightNow - SEED_HEIGHTS_MAX) && height > 0n && height < BigInt(heightNow);
    return isKept ? this.host.seedAt(Number(height)) : undefined;
  }

  askSeed(height: number): void {
    this.seedAsks.push(height);
    this.undoLog.push(() => {
      this.seedAsks.pop();
    });
  }

  /** Makes a contract, at an address that has none, of another's code; gives that code. */
  deploy(deployment: LvmDeployment): LvmContract {
    const { address, template } = deployment;
    const code = this.contract(template);
    assert(code !== undefined && this.contract(address) === undefined, "code for an address that has none");
    this.observer?.deploy(deployment);
    this.deployments.push(deployment);
    this.deployed.set(address, code);
    this.undoLog.push(() => {
      this.deployments.pop();
      this.deployed.delete(address);
    });
    return code;
  }

  /** Where the journal stands; for `rollback`. */
  mark(): number {
    return this.undoLog.length;
  }

  /** Undoes every change since `mark`. */
  rollback(mark: number): void {
    while (this.undoLog.length > mark) {
      (this.undoLog.pop() as Undo)();
    }
  }

  effects(): LvmEffects {
    const storage: LvmStorageWrite[] = [];
    for (const { contract, writes } of this.storages.values()) {
      for (const [key, value] of writes) {
        storage.push({ contract, key, value });
      }
    }
    const { transfers, events, requests, deployments, seedAsks } = this;
    return {
      storage,
      transfers: [...transfers],
      events: [...events],
      requests: [...requests],
      deployments: [...deployments],
      seedAsks: [...seedAsks],
    };
  }

  reads(): LvmReads {
    const storage = [...this.storages.values()].flatMap(({ contract, reads }) =>
      Array.from(reads, ([key, value]) => ({ contract, key, value })),
    );
    const balances = Array.from(this.balances.values(), ({ address, token, startUnits }) => ({
      address,
      token,
      amountUnits: startUnits,
    }));
    const contracts = Array.from(this.contracts, ([address, contract]) => ({ address, codeHash: contract?.codeHash }));
    return { storage, balances, contracts };
  }
}
