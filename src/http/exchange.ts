// One HTTP request and its answer on uWebSockets.js, whose request is gone when its callback returns and whose response is gone
// when the client is: whatever is needed is taken at once, and nothing is written after an abort.

import type { HttpRequest, HttpResponse } from "uWebSockets.js";
import { CodedError } from "../protocol/errors.js";
import { errorJson, httpStatusOf } from "./errorJson.js";
import type { RequestOrigin } from "./origins.js";
import { jsonAnswer, type RouteAnswer } from "./route.js";

const MS_PER_SECOND = 1_000;
/** How much of a body that is too large is read and thrown away, so that its sender can read the answer. */
const OVERFLOW_BYTES_MAX = 16 * 1024 * 1024;

const STATUS_LINES: Record<number, string> = {
  200: "200 OK",
  204: "204 No Content",
  400: "400 Bad Request",
  401: "401 Unauthorized",
  403: "403 Forbidden",
  404: "404 Not Found",
  405: "405 Method Not Allowed",
  409: "409 Conflict",
  413: "413 Content Too Large",
  415: "415 Unsupported Media Type",
  422: "422 Unprocessable Content",
  429: "429 Too Many Requests",
  500: "500 Internal Server Error",
  501: "501 Not Implemented",
  503: "503 Service Unavailable",
};

export const SECURE_HEADERS: [string, string][] = [
  ["X-Content-Type-Options", "nosniff"],
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Resource-Policy", "cross-origin"],
  ["Cache-Control", "no-store"],
];

/** The answer that says why there is none. */
export function errorAnswer(error: CodedError, status = httpStatusOf(error.code)): RouteAnswer {
  return { ...jsonAnswer({ error: errorJson(error) }, status), retryAfterMs: error.details.retryAfterMs };
}

export class Exchange {
  readonly method: string;
  /** Where the connection comes from, and through which proxies as they say. */
  readonly connected: string;
  readonly forwardedFor: string;
  readonly authorization: string;
  readonly idempotencyKey: string;
  readonly contentEncoding: string;
  readonly query: string;
  readonly contentType: string;
  readonly origin: RequestOrigin;
  private readonly abort = new AbortController();
  /** As the header says, at most as much as is read; 0 where it says nothing. */
  readonly contentLength: number;
  private finished = false;

  constructor(
    private readonly response: HttpResponse,
    request: HttpRequest,
    private readonly onEnd: (status: number) => void,
  ) {
    this.method = request.getMethod();
    this.query = request.getQuery();
    this.contentType = request.getHeader("content-type").split(";")[0].trim().toLowerCase();
    const length = request.getHeader("content-length");
    this.contentLength = /^\d{1,15}$/.test(length) ? Math.min(Number(length), OVERFLOW_BYTES_MAX) : 0;
    this.origin = { origin: request.getHeader("origin"), host: request.getHeader("host") };
    this.connected = new TextDecoder().decode(response.getRemoteAddressAsText());
    this.forwardedFor = request.getHeader("x-forwarded-for");
    this.authorization = request.getHeader("authorization");
    this.idempotencyKey = request.getHeader("idempotency-key");
    this.contentEncoding = request.getHeader("content-encoding").trim().toLowerCase();
    response.onAborted(() => {
      this.abort.abort();
      this.end(0);
    });
  }

  /** Aborted when the client went away. */
  get aborted(): AbortSignal {
    return this.abort.signal;
  }

  private end(status: number): void {
    if (!this.finished) {
      this.finished = true;
      this.onEnd(status);
    }
  }

  /** Reads the body; throws TOO_LARGE. Never settles for a client that goes away. */
  readBody(bytesMax: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let body = new Uint8Array(Math.min(this.contentLength, bytesMax) || 0);
      let length = 0;
      this.response.onData((chunk, isLast) => {
        const end = length + chunk.byteLength;
        if (end > OVERFLOW_BYTES_MAX) {
          this.response.close();
          return;
        }
        if (end <= bytesMax) {
          if (end > body.length) {
            const grown = new Uint8Array(Math.min(bytesMax, Math.max(end, 2 * body.length)));
            grown.set(body);
            body = grown;
          }
          // The chunk's memory is uWebSockets.js' own and is taken back when this returns.
          body.set(new Uint8Array(chunk), length);
        }
        length = end;
        if (isLast && length > bytesMax) {
          reject(new CodedError("TOO_LARGE", `expected a body of at most ${bytesMax} bytes, got ${length}`));
        } else if (isLast) {
          resolve(body.subarray(0, length));
        }
      });
    });
  }

  /** Answers, unless the client went away or got its answer before. */
  send(answer: RouteAnswer, headers: [string, string][]): void {
    if (this.finished) {
      return;
    }
    const { response, method } = this;
    const { status = 200, contentType, body, retryAfterMs } = answer;
    response.cork(() => {
      response.writeStatus(STATUS_LINES[status] ?? `${status}`);
      for (const [name, value] of SECURE_HEADERS) {
        response.writeHeader(name, value);
      }
      for (const [name, value] of headers) {
        response.writeHeader(name, value);
      }
      if (retryAfterMs !== undefined) {
        response.writeHeader("Retry-After", `${Math.max(1, Math.ceil(Number(retryAfterMs) / MS_PER_SECOND))}`);
      }
      if (body.length > 0) {
        response.writeHeader("Content-Type", contentType);
      }
      if (method === "head") {
        response.endWithoutBody(typeof body === "string" ? Buffer.byteLength(body) : body.length);
      } else {
        response.end(body);
      }
    });
    this.end(status);
  }
}
