// What a WebSocket's frames ask for: submissions, binary or as JSON, and subscriptions.

import { SubmitResult } from "../../mempool/arrivals.js";
import type { RefusedItem } from "../../protocol/apiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import { decodeBatchFrame, requestOfFrame } from "../batchFrame.js";
import type { ApiContext } from "../context.js";
import type { Final } from "../finality.js";
import type { ApiSubmitResult } from "../services.js";
import { wasteOf } from "../submitter.js";
import { parseFields, parseMessage, requestOf } from "./clientMessage.js";
import type { Connection } from "./connection.js";
import type { Subscriptions } from "./subscriptions.js";

/** What a frame that is none costs its connection, in transactions that are none. */
const BAD_FRAME_WASTE = 64;
const RETRY_AFTER_MS = 200;
/** What a frame beyond its address's share costs. */
const HASTY_FRAME_WASTE = 1;

interface Submission {
  request: number;
  transactions: Uint8Array[];
  final: boolean;
}

function refusedItem(index: number, error: CodedError): RefusedItem {
  const { retryAfterMs } = error.details;
  return typeof retryAfterMs === "number"
    ? [index, error.code, error.message, retryAfterMs]
    : [index, error.code, error.message];
}

export class Frames {
  constructor(
    private readonly context: ApiContext,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** A binary frame; its bytes may be taken back when this returns. */
  onBinary(connection: Connection, bytes: Uint8Array): void {
    this.guard(
      connection,
      () => requestOfFrame(bytes),
      () => {
        connection.visitor.request(bytes.length);
        this.submit(connection, decodeBatchFrame(bytes));
      },
    );
  }

  onText(connection: Connection, text: string): void {
    let request: number | undefined;
    this.guard(
      connection,
      () => request,
      () => {
        connection.visitor.request(text.length);
        const fields = parseFields(text);
        request = requestOf(fields);
        const message = parseMessage(fields);
        switch (message.type) {
          case "submit":
            this.submit(connection, message);
            break;
          case "subscribe":
            this.subscriptions.subscribe(
              connection,
              message.topic,
              message.address,
              message.from,
              (subscription, from) =>
                connection.send({ type: "subscribed", request: message.request, subscription, from }),
            );
            break;
          case "unsubscribe":
            this.subscriptions.unsubscribe(connection, message.subscription);
            connection.send({ type: "unsubscribed", request: message.request, subscription: message.subscription });
            break;
          case "ping":
            connection.send({ type: "pong", request: message.request });
            break;
        }
      },
    );
  }

  /** Answers bad frames with their error, and counts them. */
  private guard(connection: Connection, request: () => number | undefined, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      if (!(error instanceof CodedError)) {
        throw error;
      }
      connection.sendError(error, request());
      const waste = error.code === "RATE_LIMITED" ? HASTY_FRAME_WASTE : BAD_FRAME_WASTE;
      connection.visitor.waste(waste);
      connection.waste(waste);
    }
  }

  private submit(connection: Connection, submission: Submission): void {
    const { limits } = this.context;
    const { transactions, final } = submission;
    if (!connection.mayWrite) {
      throw new CodedError("BAD_REQUEST", "pages of this origin may not submit through this node");
    }
    const unanswered = connection.unanswered + transactions.length;
    const watched = connection.watches.count + unanswered;
    if (unanswered > limits.connectionUnansweredMax || (final && watched > limits.connectionWatchedMax)) {
      const error = new CodedError("BUSY", "this connection has too many submissions under way", {
        retryAfterMs: RETRY_AFTER_MS,
      });
      this.answer(
        connection,
        submission.request,
        transactions.map(() => new SubmitResult(undefined, error)),
      );
      return;
    }
    connection.unanswered = unanswered;
    this.send(connection, submission)
      .catch((error) => {
        this.context.services.logger.error({ error }, "a submission failed");
        this.context.services.onFailure?.(error);
        connection.sendError(new CodedError("INTERNAL"), submission.request);
      })
      .finally(() => {
        connection.unanswered -= transactions.length;
      });
  }

  private async send(connection: Connection, { request, transactions, final }: Submission): Promise<void> {
    const { submitter, finality } = this.context;
    const { visitor } = connection;
    if (!final) {
      this.answer(connection, request, await submitter.submit(transactions, visitor));
      return;
    }
    const events = {
      onResults: (results: ApiSubmitResult[]) => this.answer(connection, request, results),
      onAlreadyFinal: (index: number, final: Final) => connection.addFinal(request, index, final),
    };
    await submitter.submitAndWatch(transactions, visitor, request, events, connection);
    if (!connection.isOpen) {
      // It went away while the submission was under way: nobody is left to tell.
      finality.forget(connection);
    }
  }

  private answer(connection: Connection, request: number, results: ApiSubmitResult[]): void {
    const refused: RefusedItem[] = [];
    let wasted = 0;
    for (let index = 0; index < results.length; index++) {
      const { error } = results[index];
      if (error !== undefined) {
        refused.push(refusedItem(index, error));
        wasted += wasteOf(results[index]);
      }
    }
    const accepted = results.length - refused.length;
    this.context.metrics.onSubmissions(results);
    connection.send({ type: "results", request, accepted, refused, height: this.subscriptions.heightTold });
    connection.makeUpFor(accepted);
    connection.waste(wasted);
  }
}
