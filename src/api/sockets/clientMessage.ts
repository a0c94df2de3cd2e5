// Text frames from clients, checked field by field: what comes out has the documented form.

import { parseAddress } from "../../protocol/address.js";
import type { SubscriptionTopic } from "../../protocol/apiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import { decodeHexBatch } from "../batchFrame.js";

const REQUEST_MAX = 0xffffffff;
const TOPICS: readonly SubscriptionTopic[] = ["blocks", "transactions", "account", "payments", "contract"];

export type ParsedMessage =
  | { type: "submit"; request: number; transactions: Uint8Array[]; final: boolean }
  | {
      type: "subscribe";
      request: number;
      topic: SubscriptionTopic;
      address: Uint8Array | undefined;
      from: number | undefined;
    }
  | { type: "unsubscribe"; request: number; subscription: number }
  | { type: "ping"; request: number };

type Fields = Record<string, unknown>;

/** The JSON object of a text frame; throws BAD_REQUEST. */
export function parseFields(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CodedError("BAD_REQUEST", "expected a frame of JSON, got something else");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CodedError("BAD_REQUEST", "expected a frame with a JSON object, got another kind of value");
  }
  return value as Fields;
}

/** The request number of a frame, for answers; undefined where it has none that is valid. */
export function requestOf(fields: Fields): number | undefined {
  const { request } = fields;
  return typeof request === "number" && Number.isInteger(request) && request >= 0 && request <= REQUEST_MAX
    ? request
    : undefined;
}

function wholeField(fields: Fields, name: string, minimum: number): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < minimum) {
    throw new CodedError("BAD_REQUEST", `expected "${name}" to be a whole number from ${minimum}, got something else`);
  }
  return value;
}

function parseSubscribe(fields: Fields, request: number): ParsedMessage {
  const { address } = fields;
  const topic = TOPICS.find((name) => name === fields.topic);
  if (topic === undefined) {
    throw new CodedError("BAD_REQUEST", `expected "topic" to be one of ${TOPICS.join(", ")}, got something else`);
  }
  const from = fields.from === undefined ? undefined : wholeField(fields, "from", 1);
  if (topic === "blocks" || topic === "transactions") {
    if (address !== undefined) {
      throw new CodedError("BAD_REQUEST", `expected no "address" with the topic ${topic}`);
    }
    return { type: "subscribe", request, topic, address: undefined, from };
  }
  if (typeof address !== "string") {
    throw new CodedError("BAD_REQUEST", `expected an "address" with the topic ${topic}, got none`);
  }
  return { type: "subscribe", request, topic, address: parseAddress(address), from };
}

/** The message; throws BAD_REQUEST or the code of the field that is wrong. */
export function parseMessage(fields: Fields): ParsedMessage {
  const request = requestOf(fields);
  if (request === undefined) {
    throw new CodedError(
      "BAD_REQUEST",
      `expected "request" to be a whole number from 0 to ${REQUEST_MAX}, got something else`,
    );
  }
  switch (fields.type) {
    case "submit": {
      const { final = false } = fields;
      if (typeof final !== "boolean") {
        throw new CodedError("BAD_REQUEST", `expected "final" to be true or false, got something else`);
      }
      return { type: "submit", request, transactions: decodeHexBatch(fields.transactions), final };
    }
    case "subscribe":
      return parseSubscribe(fields, request);
    case "unsubscribe":
      return { type: "unsubscribe", request, subscription: wholeField(fields, "subscription", 0) };
    case "ping":
      return { type: "ping", request };
    default:
      throw new CodedError(
        "BAD_REQUEST",
        `expected "type" to be submit, subscribe, unsubscribe or ping, got something else`,
      );
  }
}
