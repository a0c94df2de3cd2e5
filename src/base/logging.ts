// The operator's log: one line of JSON an event (pino). Nothing is redacted here because secrets never get here: keys and
// mnemonics are not passed to a logger, whole or in part.
import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export interface LoggerOptions {
  level?: LogLevel;
  /** Fields that every line carries, such as the chain's id. */
  fields?: Record<string, string | number>;
  /** Where the lines go; standard output where undefined. */
  destination?: DestinationStream;
}

/** A logger for the process; folders take `logger.child({ part: "..." })` of it. */
export function makeLogger({ level = "info", fields = {}, destination }: LoggerOptions = {}): Logger {
  const options = { level, base: fields, timestamp: pino.stdTimeFunctions.isoTime };
  return destination === undefined ? pino(options) : pino(options, destination);
}
