// The bank's own word that money came: one movement of its account, in the statement's terms, signed by a secret that the bank and the
// desk share, as the Standard Webhooks specification has it. What it tells is recorded as a statement's row is, once by the bank's
// number, so a bank may call again and again, and a statement with the same movement changes nothing.

import { verifySigned, type WebhookHeaders } from "../../../client/verifyWebhook.js";
import { CodedError } from "../../../protocol/errors.js";
import type { DepositRow } from "../deposits.js";
import { readMovement, STATEMENT_COLUMNS_DEFAULT } from "./statement.js";

const SECRET = /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/;

/** The headers that a signature needs. */
export const CALLBACK_HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/** A secret as its file holds it. Throws MALFORMED. */
export function readCallbackSecret(text: string): string {
  if (!SECRET.test(text)) {
    throw new CodedError(
      "MALFORMED",
      "expected whsec_ and at least 24 bytes in base64 as the secret of the bank's callback",
    );
  }
  return text;
}

/** The movement that a callback tells of. Throws UNAUTHORIZED where the bank did not sign it just now, MALFORMED for anything but a movement. */
export function readCallback(secret: string, headers: WebhookHeaders, body: Uint8Array, nowMs: number): DepositRow {
  const text = new TextDecoder().decode(body);
  try {
    verifySigned(secret, headers, text, nowMs);
  } catch (error) {
    throw error instanceof CodedError ? new CodedError("UNAUTHORIZED", error.message) : error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const fields = Object.values(STATEMENT_COLUMNS_DEFAULT);
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  const record = isRecord ? (value as Record<string, unknown>) : {};
  const wrong = fields.find((name) => typeof record[name] !== "string");
  if (wrong !== undefined) {
    throw new CodedError(
      "MALFORMED",
      `callback: expected an object of texts ${fields.join(", ")}, got no text as ${wrong}`,
    );
  }
  return readMovement(record as Record<string, string>, STATEMENT_COLUMNS_DEFAULT, "callback");
}
