// Signatures of the Standard Webhooks specification: HMAC-SHA256 over id, timestamp and body, joined by dots, with the bytes of
// the secret behind `whsec_`.

import { createHmac } from "node:crypto";

const SECRET_PREFIX = "whsec_";

/** The value of webhook-signature for one secret. */
function signature(secret: string, id: string, timestampSeconds: number, body: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestampSeconds}.${body}`).digest("base64")}`;
}

/** The headers of one delivery; several secrets while one takes the place of another. */
export function webhookHeaders(
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: string,
): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": `${timestampSeconds}`,
    "webhook-signature": secrets.map((secret) => signature(secret, id, timestampSeconds, body)).join(" "),
  };
}
