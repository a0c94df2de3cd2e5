// Feeds every target: first inputs that coverage guides, which grow its corpus, then many more made of what was found.

import { SeededRandom } from "../../src/base/random.js";
import { Coverage } from "./coverage.js";
import { mutate } from "./mutate.js";
import { FUZZ_TARGETS, type FuzzTarget, runTarget } from "./targets.js";

export interface FuzzOptions {
  seed: number;
  inputs: number;
  /** Of 1,000 inputs, how many coverage judges. */
  guidedPerMille: number;
  /** Only the target of this name. */
  only?: string | undefined;
  /** Told of each input before it is given to its target, so that somebody else can tell what hangs. */
  onInput?: (target: number, input: Uint8Array) => void;
}

export interface TargetReport {
  name: string;
  inputs: number;
  valid: number;
  corpus: number;
  slowestMs: number;
}

export interface FuzzFinding {
  target: string;
  input: Uint8Array;
  error: unknown;
}

export interface FuzzReport {
  targets: TargetReport[];
  /** Blocks of code that the guided inputs reached. */
  blocksReached: number;
  findings: FuzzFinding[];
}

const CORPUS_MAX = 500;
const FINDINGS_MAX = 5;

class TargetRun {
  readonly report: TargetReport;
  readonly findings: FuzzFinding[] = [];
  readonly corpus: Uint8Array[];

  constructor(
    private readonly target: FuzzTarget,
    private readonly index: number,
    private readonly random: SeededRandom,
    private readonly options: FuzzOptions,
  ) {
    this.corpus = [...target.seeds];
    this.report = { name: target.name, inputs: 0, valid: 0, corpus: 0, slowestMs: 0 };
  }

  /** Seeds must be valid: a target whose seeds are refused would be fed with noise. */
  seeds(): void {
    for (const seed of this.target.seeds) {
      this.give(seed);
    }
  }

  guided(count: number, coverage: Coverage): void {
    coverage.isNew();
    for (let left = count; left > 0 && !this.isDone; left--) {
      const input = mutate(this.corpus, this.target.words, this.random);
      this.give(input);
      if (coverage.isNew() && this.corpus.length < CORPUS_MAX) {
        this.corpus.push(input);
      }
    }
  }

  plain(count: number): void {
    for (let left = count; left > 0 && !this.isDone; left--) {
      this.give(mutate(this.corpus, this.target.words, this.random));
    }
  }

  private get isDone(): boolean {
    return this.findings.length >= FINDINGS_MAX;
  }

  private give(input: Uint8Array): void {
    const { report, target } = this;
    this.options.onInput?.(this.index, input);
    const begunMs = performance.now();
    try {
      report.valid += runTarget(target, input) ? 1 : 0;
    } catch (error) {
      this.findings.push({ target: target.name, input, error });
    }
    report.inputs++;
    report.slowestMs = Math.max(report.slowestMs, performance.now() - begunMs);
  }
}

/** Runs all targets; one seed gives the same inputs each time. */
export function fuzz(options: FuzzOptions): FuzzReport {
  const targets = FUZZ_TARGETS.filter(({ name }) => options.only === undefined || name === options.only);
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  const report: FuzzReport = { targets: [], blocksReached: 0, findings: [] };
  const runs = targets.map((target, index) => {
    const count = Math.ceil((options.inputs * target.weight) / weights);
    const guided = Math.floor((count * options.guidedPerMille) / 1_000);
    return {
      run: new TargetRun(target, index, new SeededRandom(options.seed * 1_000 + index), options),
      count,
      guided,
    };
  });
  // Coverage slows code down that it counts, so that all guided inputs come first.
  const coverage = options.guidedPerMille > 0 ? new Coverage() : undefined;
  for (const { run, guided } of runs) {
    run.seeds();
    if (coverage !== undefined) {
      run.guided(guided, coverage);
    }
  }
  report.blocksReached = coverage?.size ?? 0;
  coverage?.end();
  for (const { run, count, guided } of runs) {
    run.plain(count - guided);
    run.report.corpus = run.corpus.length;
    report.targets.push(run.report);
    report.findings.push(...run.findings);
  }
  return report;
}
