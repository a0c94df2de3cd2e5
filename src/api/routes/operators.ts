// What operators' tools ask: health, readiness, metrics.

import { TEXT } from "../../http/openapi/schema.js";
import { jsonAnswer } from "../../http/route.js";
import type { ApiRoute } from "../apiRoute.js";
import { jsonOf } from "./parameters.js";

const health: ApiRoute = {
  method: "get",
  path: "/healthz",
  summary: "Whether the process answers",
  answer: jsonOf("Health", "It does"),
  handle: () => jsonAnswer({ ok: true }),
};

const ready: ApiRoute = {
  method: "get",
  path: "/readyz",
  summary: "Whether the node follows its chain; HTTP status 503 while it does not",
  answer: jsonOf("Ready", "Whether it does"),
  handle(_request, { services }) {
    const isReady = services.ready();
    return jsonAnswer({ ready: isReady }, isReady ? 200 : 503);
  },
};

const metrics: ApiRoute = {
  method: "get",
  path: "/metrics",
  summary: "Metrics in Prometheus' text format",
  scope: "metrics",
  errors: ["UNAUTHORIZED"],
  answer: { description: "All metrics of the node", content: { "text/plain": TEXT } },
  async handle(_request, context) {
    const { registry } = context.metrics;
    return { contentType: registry.contentType, body: await registry.metrics() };
  },
};

export const OPERATOR_ROUTES: ApiRoute[] = [health, ready, metrics];
