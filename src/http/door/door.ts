// What one address may ask of the node: requests and bytes by leaky buckets, connections, and work for nothing, above all
// signatures that no key made. Whoever wastes too much is cut off for a while. Memory is bounded: addresses that ask for nothing
// are forgotten, the ones longest unseen first.

import type { Clock } from "../../base/clock.js";
import { CodedError } from "../../protocol/errors.js";
import type { DoorLimits } from "../limits.js";
import { addressGroup, clientAddress, isLoopback } from "./addressGroup.js";

const MS_PER_SECOND = 1_000;
/** An address has proved itself a customer by this many accepted transactions; a bad signature takes that back. */
const KNOWN_AFTER = 16;
/** How many addresses are looked at to make room for one. */
const FORGET_LOOKS_MAX = 256;

/** What an address has used, leaking away with time. */
class Bucket {
  private used = 0;
  private atMs = 0;

  constructor(
    private readonly perSecond: number,
    private readonly most: number,
  ) {}

  /** Adds `amount`; returns how long to wait before it would fit, 0 where it does. */
  add(amount: number, nowMs: number): number {
    this.leak(nowMs);
    if (this.used + amount > this.most && this.used > 0) {
      return Math.ceil(((this.used + amount - this.most) / this.perSecond) * MS_PER_SECOND);
    }
    this.used += amount;
    return 0;
  }

  /** Adds `amount` although it may not fit; returns whether it does. */
  force(amount: number, nowMs: number): boolean {
    this.leak(nowMs);
    this.used += amount;
    return this.used <= this.most;
  }

  makeUp(amount: number): void {
    this.used = Math.max(0, this.used - amount);
  }

  isEmpty(nowMs: number): boolean {
    this.leak(nowMs);
    return this.used === 0;
  }

  private leak(nowMs: number): void {
    this.used = Math.max(0, this.used - ((nowMs - this.atMs) / MS_PER_SECOND) * this.perSecond);
    this.atMs = nowMs;
  }
}

/** One address, or network, as the door knows it. */
export class Visitor {
  /** Open WebSockets. */
  connections = 0;
  /** Transactions under way that came before it proved itself. */
  newcomersUnderWay = 0;
  private accepted = 0;
  private cutOffUntilMs = 0;
  private readonly requests: Bucket;
  private readonly bytes: Bucket;
  private readonly connects: Bucket;
  private readonly wasted: Bucket;

  constructor(
    readonly group: string,
    /** Whether requests, bytes and connections are not counted: waste is, whoever it is. */
    private readonly isFree: boolean,
    private readonly limits: DoorLimits,
    private readonly clock: Clock,
    private readonly onCutOff: (visitor: Visitor) => void,
  ) {
    this.requests = new Bucket(limits.addressRequestsPerSecond, limits.addressRequestsBurst);
    this.bytes = new Bucket(limits.addressBytesPerSecond, limits.addressBytesBurst);
    this.connects = new Bucket(limits.addressConnectsPerSecond, limits.addressConnectsBurst);
    this.wasted = new Bucket(limits.addressWastedPerSecond, limits.addressWastedMax);
  }

  get isCutOff(): boolean {
    return this.clock.monotonicMs() < this.cutOffUntilMs;
  }

  /** Whether what it sends has not proved to be worth the node's work yet. */
  get isNewcomer(): boolean {
    return this.accepted < KNOWN_AFTER;
  }

  /** Nothing would be lost with it. */
  get isIdle(): boolean {
    const now = this.clock.monotonicMs();
    const quiet = this.requests.isEmpty(now) && this.bytes.isEmpty(now) && this.wasted.isEmpty(now);
    return quiet && this.connections === 0 && this.newcomersUnderWay === 0 && !this.isCutOff;
  }

  /** Counts a request or frame. Throws RATE_LIMITED where it is one too many; `isFree` names one whom no limit holds. */
  request(bytes: number, isFree = false): void {
    if (this.isCutOff) {
      throw this.limited(
        "too much of what came from this address was for nothing",
        this.cutOffUntilMs - this.clock.monotonicMs(),
      );
    }
    if (this.isFree || isFree) {
      return;
    }
    const now = this.clock.monotonicMs();
    const waitMs = this.requests.add(1, now) || this.bytes.add(bytes, now);
    if (waitMs > 0) {
      throw this.limited("this address asks more than its share", waitMs);
    }
  }

  /** Counts bytes that came with a request already counted. */
  receive(bytes: number): void {
    if (!this.isFree) {
      this.bytes.force(bytes, this.clock.monotonicMs());
    }
  }

  /** Whether one more network connection is taken. */
  mayConnect(): boolean {
    return !this.isCutOff && (this.isFree || this.connects.add(1, this.clock.monotonicMs()) === 0);
  }

  /** Whether one more WebSocket is taken. */
  mayOpen(): boolean {
    return !this.isCutOff && (this.isFree || this.connections < this.limits.addressConnectionsMax);
  }

  /** Counts work that was for nothing; too much cuts the address off. */
  waste(units: number): void {
    const now = this.clock.monotonicMs();
    if (units > 0 && !this.wasted.force(units, now) && !this.isCutOff) {
      this.cutOffUntilMs = now + this.limits.addressCutOffMs;
      this.onCutOff(this);
    }
  }

  /** Counts good work, which makes up for bad. */
  makeUpFor(units: number): void {
    this.accepted += units;
    this.wasted.makeUp(units);
  }

  /** It sent a signature that no key made: whatever it was before, it is a newcomer again. */
  distrust(): void {
    this.accepted = 0;
  }

  private limited(message: string, waitMs: number): CodedError {
    return new CodedError("RATE_LIMITED", message, { retryAfterMs: Math.max(1, Math.ceil(waitMs)) });
  }
}

export interface DoorOptions {
  limits: DoorLimits;
  clock: Clock;
  isProxy: (address: string) => boolean;
  /** Told when an address is cut off. */
  onCutOff: (visitor: Visitor) => void;
}

export class Door {
  private readonly visitors = new Map<string, Visitor>();
  /** Addresses of newcomers that have transactions under way. */
  private newcomers = 0;

  constructor(private readonly options: DoorOptions) {}

  /** How many addresses it remembers. */
  get size(): number {
    return this.visitors.size;
  }

  /** The client's address behind a connection. */
  addressOf(connected: string, forwardedFor: string): string {
    return clientAddress(connected, forwardedFor, this.options.isProxy);
  }

  isProxy(connected: string): boolean {
    return this.options.isProxy(connected);
  }

  /** Who stands behind an address. */
  visitor(address: string): Visitor {
    const { limits, clock, onCutOff } = this.options;
    const group = addressGroup(address);
    const known = this.visitors.get(group);
    if (known !== undefined) {
      // The map keeps the order of being seen.
      this.visitors.delete(group);
      this.visitors.set(group, known);
      return known;
    }
    if (this.visitors.size >= limits.addressesMax) {
      this.forgetIdle();
    }
    const visitor = new Visitor(group, isLoopback(address), limits, clock, onCutOff);
    this.visitors.set(group, visitor);
    return visitor;
  }

  /** Makes room; where nobody is idle one that has no connection is forgotten all the same, one that is cut off last of all. */
  private forgetIdle(): void {
    const { addressesMax } = this.options.limits;
    let sacrifice: string | undefined;
    let looked = 0;
    for (const [group, visitor] of this.visitors) {
      if (this.visitors.size < addressesMax || looked++ > FORGET_LOOKS_MAX) {
        break;
      }
      this.visitors.delete(group);
      if (!visitor.isIdle) {
        // To the end: those that stay must not be all that is looked at the next time.
        this.visitors.set(group, visitor);
        const mayGo = visitor.connections === 0 && (!visitor.isCutOff || this.visitors.size > 2 * addressesMax);
        sacrifice ??= mayGo ? group : undefined;
      }
    }
    if (this.visitors.size >= addressesMax && sacrifice !== undefined) {
      this.visitors.delete(sacrifice);
    }
  }

  /**
   * How many of `count` transactions of a newcomer are taken now: newcomers have fair shares, by addresses, of what they may have
   * under way together. The caller tells `leave` when those are decided.
   */
  enter(visitor: Visitor, count: number): number {
    const { newcomersUnderWayMax } = this.options.limits;
    const addresses = this.newcomers + (visitor.newcomersUnderWay === 0 ? 1 : 0);
    const share = Math.max(1, Math.floor(newcomersUnderWayMax / addresses));
    const taken = Math.max(0, Math.min(count, share - visitor.newcomersUnderWay));
    if (taken > 0) {
      this.newcomers = addresses;
      visitor.newcomersUnderWay += taken;
    }
    return taken;
  }

  leave(visitor: Visitor, count: number): void {
    if (count > 0) {
      visitor.newcomersUnderWay -= count;
      this.newcomers -= visitor.newcomersUnderWay === 0 ? 1 : 0;
    }
  }
}
