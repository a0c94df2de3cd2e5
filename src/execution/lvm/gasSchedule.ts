// What things cost. One gas is what one instruction of Lua's virtual machine costs, or one pass through any loop inside
// Lua's C code (parser, matcher, sort, memory comparison), or 32 bytes copied by it; those are counted by the machine
// itself and have no price here. A chain may set other prices; every node of it must use the same ones.

/** Prices in gas; see `defaultGasSchedule` for what each is for. */
export interface GasSchedule {
  readonly callBase: number;
  readonly nestedCallBase: number;
  readonly deploy: number;
  readonly loadDivisor: number;
  readonly allocation: number;
  readonly allocationBytesPerGas: number;
  readonly hostCall: number;
  readonly protectedCall: number;
  readonly thrownError: number;
  readonly thrownErrorLevel: number;
  readonly valueBytesPerGas: number;
  readonly storageRead: number;
  readonly storageReadBytesPerGas: number;
  readonly storageWrite: number;
  readonly storageWriteByte: number;
  readonly storageDelete: number;
  readonly seedAsk: number;
  readonly transfer: number;
  readonly balanceRead: number;
  readonly event: number;
  readonly eventByte: number;
  readonly sha256: number;
  readonly sha256BytesPerGas: number;
  readonly ed25519Verify: number;
  readonly ringVerify: number;
  readonly ringVerifyKey: number;
  readonly vrfVerify: number;
  readonly bignumOperation: number;
}

export const defaultGasSchedule: GasSchedule = {
  /** A transaction's call, before anything runs. */
  callBase: 500,
  /** One contract calling another. */
  nestedCallBase: 1_000,
  /** One contract making another, besides its source's bytes at the price of storage. */
  deploy: 5_000,
  /** Every call pays what loading its contract used, divided by this, whether or not it was loaded already. */
  loadDivisor: 4,
  /** One block of memory, and its bytes. */
  allocation: 1,
  allocationBytesPerGas: 16,
  /** Crossing from Lua to the host, for every function of the API that the host implements. */
  hostCall: 4,
  /** pcall, xpcall and whatever else has to catch errors; and an error on its way to one of them, by C levels open. */
  protectedCall: 20,
  thrownError: 250,
  thrownErrorLevel: 75,
  /** Encoding or decoding a value. */
  valueBytesPerGas: 8,
  storageRead: 200,
  storageReadBytesPerGas: 2,
  storageWrite: 1_000,
  storageWriteByte: 4,
  storageDelete: 500,
  /** Asking for a seed of the chain: a leaf that stays, and proofs of the proposers to come. */
  seedAsk: 20_000,
  transfer: 1_000,
  balanceRead: 200,
  event: 200,
  eventByte: 4,
  sha256: 30,
  sha256BytesPerGas: 2,
  ed25519Verify: 4_000,
  /** A ring signature, and each key of its ring (about 1.7 ms each). */
  ringVerify: 80_000,
  ringVerifyKey: 80_000,
  /** A proof of randomness (about 1.8 ms). */
  vrfVerify: 100_000,
  bignumOperation: 40,
};
