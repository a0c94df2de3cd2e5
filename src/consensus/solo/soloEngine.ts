// The engine of one process: the delegates whose keys it holds take strict turns and all of them sign each result. A block
// comes every interval while there is work, else a heartbeat, so that time passes in an idle chain too.

import { assert } from "../../base/assert.js";
import { bytesKey } from "../../base/bytes.js";
import type { Clock, Timer } from "../../base/clock.js";
import { CERTIFICATE_SOLO, type Certificate, commitMessage, verifyCertificate } from "../../protocol/certificate.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { Application, ExecutedBlock } from "../application.js";
import type { ConsensusEngine, Intervals } from "../consensusEngine.js";
import type { DelegateKey } from "../delegateKey.js";
import { SIGNING_STEPS, type SigningRecord, SigningRefusedError } from "../signingRecord.js";

export interface SoloOptions {
  genesisHash: Uint8Array;
  keys: DelegateKey[];
  signingRecord: SigningRecord;
  /** As of now: a vote may change them. */
  intervals: () => Intervals;
  /** Whether the mempool has a transaction for the next block. */
  hasWork: () => boolean;
  /** Told of each block after it became durable and visible; the next one waits for what it returns. */
  onCommitted: (block: CommittedBlock) => unknown;
  /** Told once when a block could not be made or stored: the node must stop. */
  onFailure: (error: unknown) => void;
}

export class SoloEngine implements ConsensusEngine {
  private readonly keys: Map<string, DelegateKey>;
  private timer: Timer | undefined;
  private making: Promise<void> | undefined;
  private running = false;
  private lastBlockMs = Number.NEGATIVE_INFINITY;
  private timerDueMs = 0;

  constructor(
    private readonly application: Application,
    private readonly clock: Clock,
    private readonly options: SoloOptions,
  ) {
    this.keys = new Map(options.keys.map((key) => [bytesKey(key.publicKey), key]));
  }

  async start(): Promise<void> {
    const delegates = this.application.delegates;
    const held = delegates.filter((delegate) => this.keys.has(bytesKey(delegate.publicKey)));
    const power = held.reduce((sum, delegate) => sum + delegate.power, 0);
    const total = delegates.reduce((sum, delegate) => sum + delegate.power, 0);
    assert(
      power * 3 > total * 2,
      `a solo chain needs keys of more than 2/3 of the delegates' power ${total}, this process holds ${power}`,
    );
    const signed = this.options.signingRecord.last.height;
    if (signed > this.application.height) {
      throw new SigningRefusedError(
        `this node signed blocks up to height ${signed}, but its own end at ${this.application.height}, as after a restore from an old ` +
          "backup: going on would make a second chain. Restore one that reaches that height",
      );
    }
    this.running = true;
    this.schedule();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.timer?.cancel();
    this.timer = undefined;
    await this.making;
  }

  get isFollowing(): boolean {
    return this.running;
  }

  notifyReady(): void {
    if (this.running && this.making === undefined) {
      this.schedule();
    }
  }

  private schedule(): void {
    const { intervals, hasWork } = this.options;
    const { blockIntervalMs, heartbeatIntervalMs } = intervals();
    const interval = hasWork() ? blockIntervalMs : heartbeatIntervalMs;
    const now = this.clock.monotonicMs();
    const due = Math.max(now, this.lastBlockMs + interval);
    if (this.timer !== undefined && this.timerDueMs <= due) {
      return;
    }
    this.timer?.cancel();
    this.timerDueMs = due;
    this.timer = this.clock.setTimer(Math.max(0, due - now), () => {
      this.timer = undefined;
      this.making = this.makeBlock().then(
        () => {
          this.making = undefined;
          if (this.running) {
            this.schedule();
          }
        },
        (error: unknown) => {
          this.making = undefined;
          this.running = false;
          this.options.onFailure(error);
        },
      );
    });
  }

  private async makeBlock(): Promise<void> {
    this.lastBlockMs = this.clock.monotonicMs();
    const { application } = this;
    const height = application.height + 1;
    const timeMs = Math.max(this.clock.nowMs(), application.timeMsMin);
    const executed = application.propose(this.proposer(), timeMs);
    const { genesisHash, signingRecord } = this.options;
    const place = { height, round: 0, step: SIGNING_STEPS.commit };
    const message = commitMessage(genesisHash, height, executed.hash);
    signingRecord.expectAllowed(place, message);
    const certificate = this.certify(executed, message);
    // Nothing leaves this process before the block is on the disk: the log first, then the record of what was signed. So a
    // record that is ahead of the log can only mean that the log is an older one.
    const committed = await application.commit(executed, certificate, () => signingRecord.claim(place, message));
    await this.options.onCommitted(committed);
  }

  /** The delegate whose turn it is, or the next one in the rotation whose key is here. */
  private proposer(): DelegateKey {
    for (const { publicKey } of this.application.turns(this.application.delegates.length)) {
      const key = this.keys.get(bytesKey(publicKey));
      if (key !== undefined) {
        return key;
      }
    }
    throw new Error("no delegate's key is held");
  }

  private certify(executed: ExecutedBlock, message: Uint8Array): Certificate {
    const { genesisHash } = this.options;
    const delegates = this.application.delegates;
    const signatures = delegates.flatMap((delegate, index) => {
      const key = this.keys.get(bytesKey(delegate.publicKey));
      return key === undefined ? [] : [{ delegate: index, signature: key.sign(message) }];
    });
    const certificate: Certificate = { kind: CERTIFICATE_SOLO, signatures };
    verifyCertificate(certificate, executed.block.header, genesisHash, delegates);
    return certificate;
  }
}
