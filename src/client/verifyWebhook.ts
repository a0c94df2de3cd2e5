// What a shop's server does with a webhook before anything else: the Standard Webhooks check of its signature and its age.

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64 } from "@scure/base";
import { equalBytes, utf8Bytes } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import type { MerchantEventJson } from "../protocol/merchantApiTypes.js";

const PREFIX = "whsec_";
const SIGNATURE_PREFIX = "v1,";
const AGE_SECONDS_MAX = 300;
const MS_PER_SECOND = 1_000;

/** Headers by their names in lower case, as Node and most frameworks give them. */
export type WebhookHeaders = Record<string, string | string[] | undefined>;

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
  const id = `${headers["webhook-id"]}`;
  const timestamp = `${headers["webhook-timestamp"]}`;
  const key = base64.decode(secret.slice(PREFIX.length));
  const expected = hmac(sha256, key, utf8Bytes(`${id}.${timestamp}.${body}`));
  const isSigned = `${headers["webhook-signature"]}`.split(" ").some((signature) => {
    try {
      return (
        signature.startsWith(SIGNATURE_PREFIX) &&
        equalBytes(base64.decode(signature.slice(SIGNATURE_PREFIX.length)), expected)
      );
    } catch {
      return false;
    }
  });
  const isFresh = Math.abs(nowMs / MS_PER_SECOND - Number(timestamp)) <= AGE_SECONDS_MAX;
  if (!isSigned || !isFresh) {
    throw new CodedError("BAD_SIGNATURE", `expected a webhook signed within ${AGE_SECONDS_MAX} s, got another`);
  }
  return JSON.parse(body) as MerchantEventJson;
}
