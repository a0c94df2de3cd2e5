// One line of a bench's table: how long an operation takes here and with a rival, both measured in one run.

export interface BenchRow {
  /** What is done, as "root of 65,536 leaves of 32 bytes (RFC 6962)". */
  readonly name: string;
  /** Median of one operation of this project, in nanoseconds. */
  readonly nsPerOperation: number;
  /** The other implementation. */
  readonly rival: string;
  /** Median of one operation of the rival, in nanoseconds. */
  readonly rivalNsPerOperation: number;
  /** Rival's time divided by ours: above 1, ours is quicker. */
  readonly ratio: number;
}
