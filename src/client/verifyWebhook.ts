// What a shop's server does with a webhook before anything else: the Standard Webhooks check of its signature and its age.

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64 } from "@scure/base";
import { utf8Bytes } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import type { MerchantEventJson } from "../protocol/merchantApiTypes.js";

const PREFIX = "whsec_";
const SIGNATURE_PREFIX = "v1,";
const AGE_SECONDS_MAX = 300;
const MS_PER_SECOND = 1_000;

/** Headers by their names in lower case, as Node and most frameworks give them. */
export type WebhookHeaders = Record<string, string | string[] | undefined>;

/** Takes as long wherever the two differ: what may be tried again and again tells nothing. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [index, byte] of b.entries()) {
    difference |= byte ^ (a[index] ?? 0);
  }
  return difference === 0;
}

/** Throws BAD_SIGNATURE where the body was not signed with the secret within five minutes of now. */
export function verifySigned(secret: string, headers: WebhookHeaders, body: string, nowMs: number): void {
  const id = `${headers["webhook-id"]}`;
  const timestamp = `${headers["webhook-timestamp"]}`;
  const key = base64.decode(secret.slice(PREFIX.length));
  const expected = hmac(sha256, key, utf8Bytes(`${id}.${timestamp}.${body}`));
  const isSigned = `${headers["webhook-signature"]}`.split(" ").some((signature) => {
    try {
      return (
        signature.startsWith(SIGNATURE_PREFIX) &&
        isSame(base64.decode(signature.slice(SIGNATURE_PREFIX.length)), expected)
      );
    } catch {
      return false;
    }
  });
  const isFresh = Math.abs(nowMs / MS_PER_SECOND - Number(timestamp)) <= AGE_SECONDS_MAX;
  if (!isSigned || !isFresh) {
    throw new CodedError("BAD_SIGNATURE", `expected a webhook signed within ${AGE_SECONDS_MAX} s, got another`);
  }
}

/**
 * The event of a webhook's body. Throws BAD_SIGNATURE where the body was not signed with the secret, or five minutes ago or more. The event's
 * id stays the same when it is told again: handle each id once.
 */
export function verifyWebhook(
  secret: string,
  headers: WebhookHeaders,
  body: string,
  nowMs: number = Date.now(),
): MerchantEventJson {
  verifySigned(secret, headers, body, nowMs);
  return JSON.parse(body) as MerchantEventJson;
}
