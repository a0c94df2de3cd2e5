// The way of a request from one instance to the one that holds the store. It waits as long as its client does, and no longer than a
// holder that still lives can take. Where no answer comes nothing is known of it, and it may be sent again: every request of the
// gateway asks, or names itself for ever.

import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { RouteAnswer } from "../../http/route.js";
import { WAIT_MS_MAX } from "../routes/pageParameters.js";
import { readHolder } from "./holderFile.js";

const MS_PER_SECOND = 1_000;
/** The longest poll, and then what a desk and a node may take. */
const ANSWER_MS_MAX = WAIT_MS_MAX + 30_000;

export interface PassedRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body: Uint8Array;
  aborted: AbortSignal;
}

function readAnswer(response: IncomingMessage, body: Buffer): RouteAnswer {
  const { "retry-after": retryAfter, "content-type": contentType = "" } = response.headers;
  return {
    status: response.statusCode ?? 0,
    contentType,
    body,
    ...(retryAfter === undefined ? {} : { retryAfterMs: Number(retryAfter) * MS_PER_SECOND }),
  };
}

export class HolderLink {
  private readonly agent = new Agent({ keepAlive: true });
  private socket: string | undefined;

  constructor(
    private readonly directory: string,
    private readonly answerMsMax = ANSWER_MS_MAX,
  ) {}

  /** Undefined where nobody answers (any more), or the client went away. */
  async pass(request: PassedRequest): Promise<RouteAnswer | undefined> {
    this.socket ??= (await readHolder(this.directory))?.socket;
    const { socket } = this;
    if (socket === undefined) {
      return undefined;
    }
    const answer = await this.ask(socket, request);
    if (answer === undefined && this.socket === socket) {
      this.socket = undefined;
    }
    return answer;
  }

  close(): void {
    this.agent.destroy();
  }

  private ask(socketPath: string, { method, target, headers, body, aborted }: PassedRequest) {
    return new Promise<RouteAnswer | undefined>((resolve) => {
      const lost = (): void => resolve(undefined);
      const request = httpRequest(
        {
          socketPath,
          agent: this.agent,
          method,
          path: target,
          headers: { ...headers, host: "gateway", "content-length": body.length },
          signal: AbortSignal.any([aborted, AbortSignal.timeout(this.answerMsMax)]),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve(response.complete ? readAnswer(response, Buffer.concat(chunks)) : undefined),
          );
          response.on("error", lost);
          response.on("close", lost);
        },
      );
      request.on("error", lost);
      request.end(body);
    });
  }
}
