// One delivery over the network: a POST that follows no redirect, waits so long and no longer, and reads little of the answer.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../../base/clock.js";
import { parseWebhookUrl, publicLookup } from "./webhookAddress.js";

const TIMEOUT_MS = 15_000;
const SOCKETS_MAX = 64;

/** What came of it: the receiver's status, or why there is none. */
export type SendResult = { status: number; error?: undefined } | { status?: undefined; error: string };

export type SendWebhook = (url: string, headers: Record<string, string>, body: string) => Promise<SendResult>;

export class WebhookSender {
  private readonly http: HttpAgent;
  private readonly https: HttpsAgent;

  constructor(
    private readonly allowPrivate: boolean,
    private readonly clock: Clock,
  ) {
    const options = { keepAlive: true, maxSockets: SOCKETS_MAX, ...(allowPrivate ? {} : { lookup: publicLookup }) };
    this.http = new HttpAgent(options);
    this.https = new HttpsAgent(options);
  }

  readonly send: SendWebhook = (text, headers, body) =>
    new Promise((resolve) => {
      let url: URL;
      try {
        url = parseWebhookUrl(text, this.allowPrivate);
      } catch (error) {
        resolve({ error: (error as Error).message });
        return;
      }
      const isSecure = url.protocol === "https:";
      const bytes = Buffer.from(body);
      const options = {
        method: "POST",
        agent: isSecure ? this.https : this.http,
        headers: {
          "content-type": "application/json",
          "content-length": bytes.length,
          "user-agent": "TTChain",
          ...headers,
        },
      };
      const request = (isSecure ? httpsRequest : httpRequest)(url, options, (response) => {
        timer.cancel();
        // Only the status matters; the rest is let go so that the connection can be used again.
        response.resume();
        response.on("error", () => undefined);
        resolve({ status: response.statusCode ?? 0 });
      });
      const timer = this.clock.setTimer(TIMEOUT_MS, () =>
        request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)),
      );
      request.on("error", (error: NodeJS.ErrnoException) => {
        timer.cancel();
        resolve({ error: error.code === undefined ? error.message : `${error.code}: ${error.message}` });
      });
      request.end(bytes);
    });

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}
