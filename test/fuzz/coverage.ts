// What an input reached, by the engine's own block coverage: an input that reaches something new is worth keeping and changing further.
// Asking costs about a millisecond, so that only a part of the inputs is judged; what they find is kept for all others.

import { type Profiler, Session } from "node:inspector";

export class Coverage {
  private readonly session = new Session();
  private readonly reached = new Set<string>();

  constructor() {
    this.session.connect();
    this.session.post("Profiler.enable");
    this.session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Blocks that were reached so far. */
  get size(): number {
    return this.reached.size;
  }

  /** Whether what ran since the last call reached a block that nothing reached before. */
  isNew(): boolean {
    let isNew = false;
    for (const script of this.take()) {
      if (script.url.includes("/src/")) {
        for (const { functionName, ranges } of script.functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            const key =
              count > 0 ? `${script.scriptId} ${functionName} ${startOffset} ${endOffset} ${Math.min(3, count)}` : "";
            if (key !== "" && !this.reached.has(key)) {
              this.reached.add(key);
              isNew = true;
            }
          }
        }
      }
    }
    return isNew;
  }

  end(): void {
    this.session.post("Profiler.stopPreciseCoverage");
    this.session.disconnect();
  }

  private take(): Profiler.ScriptCoverage[] {
    let scripts: Profiler.ScriptCoverage[] = [];
    // Answered before `post` returns, for the session is this thread's own.
    this.session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) {
        throw error;
      }
      scripts = taken.result;
    });
    return scripts;
  }
}
