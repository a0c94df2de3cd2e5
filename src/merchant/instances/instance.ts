// One of several processes that serve the same store of rows. One of them holds the store's lock: it alone follows the chain, sends
// webhooks and writes, so that order, idempotency and "never twice" have one keeper. The others pass every request on to it, and try
// for the lock, which is the kernel's and falls with its holder, however that ends.

import type { Clock, Timer } from "../../base/clock.js";
import type { Logger } from "../../base/logging.js";
import type { Random } from "../../base/random.js";
import type { RouteAnswer } from "../../http/route.js";
import { type DirectoryLock, lockDirectory } from "../../storage/lockDirectory.js";
import { StorageError } from "../../storage/storageErrors.js";
import type { Gateway } from "../gateway.js";
import type { GatewayPlace } from "./dispatch.js";
import { HolderLink, type PassedRequest } from "./holderLink.js";
import { serveInstances } from "./serveInstances.js";

const TRY_EVERY_MS = 200;
/** So that two that try together do not do so for ever. */
const TRY_SPREAD_MS = 100;
/** After the store could be locked and not opened. */
const TRY_AGAIN_MS = 2_000;
const BYTE_VALUES = 256;
/** How long a new instance waits for the holder's word. */
const HOLDER_ANSWERS_MS = 10_000;

export interface InstanceOptions {
  directory: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  version: string;
  /** Opens the gateway; it lets go of the lock when it stops, or does not start. */
  open(lock: DirectoryLock): Promise<Gateway>;
}

export class MerchantInstance implements GatewayPlace {
  private held: Gateway | undefined;
  private unserve: () => Promise<void> = async () => undefined;
  private readonly link: HolderLink;
  private timer: Timer | undefined;
  private trying: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: InstanceOptions) {
    this.link = new HolderLink(options.directory);
  }

  get gateway(): Gateway | undefined {
    return this.held;
  }

  pass(request: PassedRequest): Promise<RouteAnswer | undefined> {
    return this.link.pass(request);
  }

  /** Holds the store, or finds its holder and goes on trying. Throws DIRECTORY_IN_USE where who holds it answers no others. */
  async join(): Promise<void> {
    const { clock, directory } = this.options;
    const deadlineMs = clock.monotonicMs() + HOLDER_ANSWERS_MS;
    const aborted = AbortSignal.timeout(HOLDER_ANSWERS_MS);
    const hello = { method: "GET", target: "/v1/merchant/status", headers: {}, body: new Uint8Array(0), aborted };
    while (!(await this.tryHold())) {
      if ((await this.pass(hello)) !== undefined) {
        this.tryLater(this.pauseMs());
        return;
      }
      if (clock.monotonicMs() >= deadlineMs) {
        throw new StorageError(
          "DIRECTORY_IN_USE",
          `another gateway runs on ${directory} that answers no other instance`,
        );
      }
      await this.pause();
    }
  }

  /** Waits until it holds the store. */
  async standBy(): Promise<void> {
    while (!(await this.tryHold())) {
      await this.pause();
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.trying.catch(() => undefined);
    const { held } = this;
    this.held = undefined;
    this.link.close();
    await this.unserve();
    await held?.stop();
  }

  /** Whether this process holds the store now. Throws what opening it does. */
  private async tryHold(): Promise<boolean> {
    const { directory, version, open } = this.options;
    let lock: DirectoryLock;
    try {
      lock = await lockDirectory(directory);
    } catch (error) {
      if (error instanceof StorageError && error.code === "DIRECTORY_IN_USE") {
        return false;
      }
      throw error;
    }
    const gateway = await open(lock);
    try {
      this.unserve = await serveInstances(gateway, directory, version);
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    this.held = gateway;
    return true;
  }

  private pauseMs(): number {
    return TRY_EVERY_MS + Math.floor((this.options.random.bytes(1)[0] / BYTE_VALUES) * TRY_SPREAD_MS);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.options.clock.setTimer(this.pauseMs(), resolve));
  }

  private tryLater(delayMs: number): void {
    if (this.stopped) {
      return;
    }
    this.timer = this.options.clock.setTimer(delayMs, () => {
      this.trying = this.tryHold().then(
        (isHeld) => (isHeld ? undefined : this.tryLater(this.pauseMs())),
        (error: unknown) => {
          this.options.logger.error({ err: error }, "the store is free and can't be opened; it is tried again");
          this.tryLater(TRY_AGAIN_MS);
        },
      );
    });
  }
}
