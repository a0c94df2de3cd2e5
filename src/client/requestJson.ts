// One HTTP request to a node. What the node refuses comes out as a CodedError with the node's code; a node that can't be
// reached, or answers nothing, is a NodeUnreachableError.

import { concatBytes } from "../base/bytes.js";
import { CodedError, ERROR_CODES, type ErrorCode } from "../protocol/errors.js";

/** No answer from the node at `url`: not running, another address, or the network between. Nothing is known of the request. */
export class NodeUnreachableError extends Error {
  override name = "NodeUnreachableError";
  readonly url: string;

  constructor(url: string, reason: string) {
    super(`no node answers at ${url}: ${reason}`);
    this.url = url;
  }
}

export interface HttpRequest {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** An error object of the API as a CodedError; INTERNAL for codes that this version does not know. */
export function errorOfAnswer(value: unknown, fallback: string): CodedError {
  const error = (value as { error?: { code?: unknown; message?: unknown; details?: unknown } } | null)?.error;
  if (typeof error?.code !== "string") {
    return new CodedError("INTERNAL", fallback);
  }
  const message = typeof error.message === "string" ? error.message : fallback;
  const details = typeof error.details === "object" && error.details !== null ? error.details : {};
  return Object.hasOwn(ERROR_CODES, error.code)
    ? new CodedError(error.code as ErrorCode, message, details as Record<string, string | number>)
    : new CodedError("INTERNAL", `${error.code}: ${message}`);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  return typeof code === "string" ? code : cause instanceof Error ? cause.message : String(cause);
}

async function send(base: string, path: string, request: HttpRequest, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(base + path, { ...request, signal: AbortSignal.timeout(timeoutMs) } as RequestInit);
  } catch (error) {
    throw new NodeUnreachableError(base, reasonOf(error));
  }
}

/** The answer's body. Rejects where it has more bytes than that, before it has read them all. */
async function bodyOf(response: Response, bytesMax: number): Promise<Uint8Array> {
  if (bytesMax === Number.POSITIVE_INFINITY || response.body === null) {
    return new Uint8Array(await response.arrayBuffer());
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) {
      return concatBytes(...pieces);
    }
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new Error(`the answer has more than ${bytesMax} bytes`);
    }
    pieces.push(value);
  }
}

/** The body of a successful answer, of at most `bytesMax` bytes. Throws CodedError or NodeUnreachableError. */
export async function requestBytes(
  base: string,
  path: string,
  request: HttpRequest,
  timeoutMs: number,
  bytesMax = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const response = await send(base, path, request, timeoutMs);
  let bytes: Uint8Array;
  try {
    bytes = await bodyOf(response, bytesMax);
  } catch (error) {
    throw new NodeUnreachableError(base, reasonOf(error));
  }
  if (!response.ok) {
    throw errorOfAnswer(parseJson(bytes), `the node answered with HTTP status ${response.status}`);
  }
  return bytes;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The JSON of a successful answer. Throws as `requestBytes`, and INTERNAL where the answer is no JSON. */
export async function requestJson(
  base: string,
  path: string,
  request: HttpRequest,
  timeoutMs: number,
): Promise<unknown> {
  const answer = parseJson(await requestBytes(base, path, request, timeoutMs));
  if (answer === undefined) {
    throw new CodedError("INTERNAL", `expected JSON from ${base}, got something else: is this a TTChain node?`);
  }
  return answer;
}
