// What can go wrong on the disk. These errors stop the node: none of them is a client's fault, so none has a number in the
// protocol's table of error codes.

export type StorageErrorCode =
  /** Bytes on the disk are not those that were written. */
  | "CORRUPT_LOG"
  /** A value in the key-value store is not the one that was written. */
  | "CORRUPT_STORE"
  /** The directory holds another chain's log. */
  | "FOREIGN_LOG"
  /** A write or sync failed; nothing can be appended until the log is opened again. */
  | "LOG_FAILED"
  /** The log was closed before. */
  | "LOG_CLOSED"
  /** The record asked for was removed by pruning. */
  | "HEIGHT_PRUNED"
  /** A record's payload is longer than RECORD_PAYLOAD_BYTES_MAX. */
  | "RECORD_TOO_LARGE"
  /** A transaction of the key-value store failed; nothing can be written until it is opened again. */
  | "STORE_FAILED"
  /** Another process writes to this data directory. */
  | "DIRECTORY_IN_USE";

export class StorageError extends Error {
  override name = "StorageError";
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Says where the block log is damaged: the file, the byte offset of the record in it, and the height expected there. */
export class CorruptLogError extends StorageError {
  readonly file: string;
  readonly offset: number;
  readonly height: number;

  constructor(file: string, offset: number, height: number, finding: string) {
    super("CORRUPT_LOG", `${file} is damaged at byte ${offset}, height ${height}: ${finding}`);
    this.file = file;
    this.offset = offset;
    this.height = height;
  }
}

/** What is stored contradicts itself or the chain: the node must stop and never serve it. */
export class DamageError extends Error {
  override name = "DamageError";
}

/** Whether an error says that what is stored is damaged. */
export function isDamage(error: unknown): error is Error {
  return (
    error instanceof DamageError ||
    (error instanceof StorageError && (error.code === "CORRUPT_LOG" || error.code === "CORRUPT_STORE"))
  );
}

/** The message of anything thrown, with Node's code where it has one. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
