// The limits of a server's door, by name: what one address may ask, and how many connections are held.

export interface DoorLimits {
  /** HTTP requests and WebSocket frames of one address: so many a second, and so many at once. */
  addressRequestsPerSecond: number;
  addressRequestsBurst: number;
  /** Bytes that one address may send. */
  addressBytesPerSecond: number;
  addressBytesBurst: number;
  /** New network connections of one address; those that ask for nothing are closed after 12 s. */
  addressConnectsPerSecond: number;
  addressConnectsBurst: number;
  /** WebSockets of one address. */
  addressConnectionsMax: number;
  /** What one address may waste at once and over time, in the units of connectionWastedMax, and how long it is then cut off. */
  addressWastedMax: number;
  addressWastedPerSecond: number;
  addressCutOffMs: number;
  /** Addresses that are remembered. */
  addressesMax: number;
  /** Transactions under way, over all addresses that have not proved themselves. */
  newcomersUnderWayMax: number;
}

export interface ServerLimits extends DoorLimits {
  connectionsMax: number;
  /** Network connections beside the WebSockets: requests, and those that say nothing yet. */
  plainConnectionsMax: number;
  /** How long a closing server waits for requests under way. */
  closeGraceMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  connectionsMax: 20_000,
  plainConnectionsMax: 4_096,
  addressRequestsPerSecond: 500,
  addressRequestsBurst: 2_000,
  addressBytesPerSecond: 8_388_608,
  addressBytesBurst: 33_554_432,
  addressConnectsPerSecond: 50,
  addressConnectsBurst: 500,
  addressConnectionsMax: 1_000,
  addressWastedMax: 8_192,
  addressWastedPerSecond: 32,
  addressCutOffMs: 60_000,
  addressesMax: 65_536,
  newcomersUnderWayMax: 2_048,
  closeGraceMs: 5_000,
};
