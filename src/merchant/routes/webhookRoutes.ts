// Webhooks of a store, what became of each delivery, and sending again.

import { queryParameter } from "../../http/route.js";
import { CodedError } from "../../protocol/errors.js";
import { MERCHANT_EVENTS, type WebhookAttemptJson, type WebhookJson } from "../../protocol/merchantApiTypes.js";
import type { Gateway } from "../gateway.js";
import { newId } from "../newId.js";
import type { WebhookRecord } from "../stores/storeRegistry.js";
import { parseWebhookUrl } from "../webhooks/webhookAddress.js";
import { webhookJson } from "../webhooks/webhookDispatcher.js";
import { command, type MerchantRoute, question } from "./merchantRoute.js";
import { LIMIT, PAGE_MOST } from "./pageParameters.js";
import { REQUEST_SCHEMAS } from "./requestSchemas.js";

const URL_CHARACTERS_MAX = 500;
const WEBHOOKS_MAX = 20;
const REPLAY_MOST = 10_000;
const PAGE_USUAL = 50;

/** A webhook as it was when the answer was made, and which of its secrets: what `withSecret` shows for ever. */
function secretAnswer(webhook: WebhookRecord): WebhookJson & { secretNumber: number } {
  return { ...webhookJson(webhook), secretNumber: webhook.secretNumber };
}

function withSecret(gateway: Gateway, answer: object): object {
  const { secretNumber, ...shown } = answer as ReturnType<typeof secretAnswer>;
  return { ...shown, secret: gateway.secret.webhookSecret(shown.id, secretNumber) };
}

function reopen(gateway: Gateway, answer: object): void {
  const { id } = answer as WebhookJson;
  const webhook = gateway.parts.stores.webhooks.find(id);
  if (webhook !== undefined) {
    gateway.webhooks.open(webhook);
  }
}

const create = command({
  path: "/v1/merchant/webhooks",
  summary: "Registers a webhook; its secret is in this answer only, and in that to the same request again",
  scope: "manage",
  body: REQUEST_SCHEMAS.newWebhook,
  answer: { schema: "NewWebhook", description: "The webhook and its secret" },
  errors: ["WEBHOOK_ADDRESS"],
  run({ gateway, body, principal }) {
    const { stores, clock, random } = gateway.parts;
    if (stores.webhooks.list(principal.store.id).length >= WEBHOOKS_MAX) {
      throw new CodedError("BAD_REQUEST", `expected at most ${WEBHOOKS_MAX} webhooks of a store`);
    }
    const webhook: WebhookRecord = {
      id: newId(random, "whk"),
      url: parseWebhookUrl(body.text("url", URL_CHARACTERS_MAX), gateway.allowPrivateWebhooks).href,
      events: body.has("events") ? body.someOf("events", MERCHANT_EVENTS) : [],
      state: "active",
      createdMs: clock.nowMs(),
      store: principal.store.id,
      secretNumber: 0,
    };
    stores.webhooks.save(webhook);
    return secretAnswer(webhook);
  },
  reveal: withSecret,
  after: reopen,
});

const list = question({
  path: "/v1/merchant/webhooks",
  summary: "The store's webhooks",
  scope: "manage",
  answer: { schema: "Webhooks", description: "The webhooks, without their secrets" },
  ask: ({ gateway, principal }) => ({
    webhooks: gateway.parts.stores.webhooks.list(principal.store.id).map(webhookJson),
  }),
});

const renewSecret = command({
  path: "/v1/merchant/webhooks/{webhook}/secret",
  summary: "Gives a webhook a new secret; the one before signs too for a day",
  scope: "manage",
  body: REQUEST_SCHEMAS.nothing,
  answer: { schema: "NewWebhook", description: "The webhook and its new secret" },
  errors: ["NOT_FOUND"],
  run({ gateway, request, principal }) {
    const { stores, clock } = gateway.parts;
    const known = stores.webhooks.expect(principal.store.id, request.path("webhook"));
    const webhook = { ...known, secretNumber: known.secretNumber + 1, secretChangedMs: clock.nowMs() };
    stores.webhooks.save(webhook);
    return secretAnswer(webhook);
  },
  reveal: withSecret,
});

const change = command({
  path: "/v1/merchant/webhooks/{webhook}",
  summary: "Switches a webhook on or off; what waits for it waits on",
  scope: "manage",
  body: REQUEST_SCHEMAS.changedWebhook,
  answer: { schema: "Webhook", description: "The webhook" },
  errors: ["NOT_FOUND"],
  run({ gateway, request, body, principal }) {
    const { webhooks } = gateway.parts.stores;
    const known = webhooks.expect(principal.store.id, request.path("webhook"));
    const { failingSinceMs: _, warned: __, ...rest } = known;
    const webhook: WebhookRecord = { ...rest, state: body.flag("active") ? "active" : "disabled" };
    webhooks.save(webhook);
    return webhookJson(webhook);
  },
  after: reopen,
});

const attempts = question({
  path: "/v1/merchant/webhooks/{webhook}/attempts",
  summary: "What became of each try to deliver, newest first; kept for 30 days",
  scope: "manage",
  parameters: [queryParameter("before", "The `next` of the page before", { type: "string" }), LIMIT],
  answer: { schema: "WebhookAttempts", description: "A page" },
  errors: ["NOT_FOUND"],
  ask({ gateway, request, principal }) {
    const { id } = gateway.parts.stores.webhooks.expect(principal.store.id, request.path("webhook"));
    const limit = request.limit(PAGE_USUAL, PAGE_MOST);
    const before = request.optional("before");
    const end = before === undefined ? `${id}0` : `${id}/${before}`;
    const range = { start: `${id}/`, end, limit, reverse: true };
    const found = [...gateway.parts.rows.range<WebhookAttemptJson>("attempt", range)];
    const last = found.at(-1)?.key.slice(id.length + 1);
    return { attempts: found.map(({ value }) => value), ...(found.length === limit ? { next: last } : {}) };
  },
});

const replay = command({
  path: "/v1/merchant/webhooks/{webhook}/replay",
  summary: "Sends events again: one by its id, or all from one sequence number to another",
  scope: "manage",
  body: REQUEST_SCHEMAS.replay,
  answer: { schema: "Replay", description: "Which events are sent again" },
  errors: ["NOT_FOUND"],
  run({ gateway, request, body, principal }) {
    const { events, stores } = gateway.parts;
    const store = principal.store.id;
    const webhook = stores.webhooks.expect(store, request.path("webhook"));
    if (webhook.state === "disabled") {
      throw new CodedError("BAD_REQUEST", "expected a webhook that is switched on");
    }
    const event = body.optionalText("event", 80);
    const sequence = event === undefined ? undefined : events.sequenceOf(store, event);
    if (event !== undefined && sequence === undefined) {
      throw new CodedError("NOT_FOUND", `the store has no event "${event}"`);
    }
    const from = sequence ?? body.whole("from", 1, Number.MAX_SAFE_INTEGER);
    const last = events.last(store);
    const to = Math.min(last, sequence ?? (body.has("to") ? body.whole("to", from, Number.MAX_SAFE_INTEGER) : last));
    if (to - from >= REPLAY_MOST) {
      throw new CodedError("BAD_REQUEST", `expected at most ${REPLAY_MOST} events at once`);
    }
    gateway.webhooks.replay(webhook, from, to);
    return { id: webhook.id, from, to };
  },
  after: reopen,
});

export const WEBHOOK_ROUTES: MerchantRoute[] = [create, list, renewSecret, change, attempts, replay];
