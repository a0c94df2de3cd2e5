// Puts the table of routes on a uWebSockets.js app: checks who may write, reads bodies within their limits, answers errors with
// their codes, and counts what is under way, so that a closing server can wait for it.

import type { HttpRequest, HttpResponse, TemplatedApp } from "uWebSockets.js";
import { CodedError } from "../../protocol/errors.js";
import type { ApiContext } from "../context.js";
import { ApiRequest } from "../request.js";
import type { ApiAnswer, Route } from "../route.js";
import { Exchange, errorAnswer } from "./exchange.js";
import { mayWrite, type RequestOrigin } from "./origins.js";

const NO_BODY = new Uint8Array(0);
const HTTP_FORBIDDEN = 403;
const HTTP_METHOD_NOT_ALLOWED = 405;
const HTTP_UNSUPPORTED_MEDIA_TYPE = 415;
const PREFLIGHT_SECONDS = "600";
/** The label of requests that no route takes. */
const NO_ROUTE = "none";

/** Requests that are not answered yet. */
export class InFlight {
  count = 0;
  private onIdle: (() => void) | undefined;

  begin(): void {
    this.count++;
  }

  end(): void {
    this.count--;
    if (this.count === 0) {
      this.onIdle?.();
    }
  }

  /** Resolves when none is under way. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.count === 0) {
        resolve();
      } else {
        this.onIdle = resolve;
      }
    });
  }
}

export class RouteServer {
  readonly inFlight = new InFlight();

  constructor(
    private readonly context: ApiContext,
    private readonly originsAllowed: readonly string[],
  ) {}

  /** Registers all routes, preflights, and the answers for what is no route. */
  serve(app: TemplatedApp, routes: readonly Route[]): void {
    for (const route of routes) {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const pattern = route.path.replace(/\{(\w+)\}/g, ":$1");
      const handler = (response: HttpResponse, request: HttpRequest): void => {
        const path = Object.fromEntries(names.map((name, index) => [name, request.getParameter(index) ?? ""]));
        this.handle(route, path, this.begin(response, request, route.path));
      };
      app[route.method](pattern, handler);
      if (route.method === "get") {
        app.head(pattern, handler);
      }
    }
    for (const path of new Set(routes.map((route) => route.path))) {
      const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
      const pattern = path.replace(/\{(\w+)\}/g, ":$1");
      app.options(pattern, (response, request) => this.preflight(this.begin(response, request, path), methods));
      app.any(pattern, (response, request) => this.wrongMethod(this.begin(response, request, path), methods));
    }
    app.any("/*", (response, request) => {
      const url = request.getUrl();
      const exchange = this.begin(response, request, NO_ROUTE);
      const error = new CodedError("NOT_FOUND", `there is no route ${url.slice(0, 80)}: see /openapi.json`);
      exchange.send(errorAnswer(error), this.corsHeaders(exchange.origin, false));
    });
  }

  private begin(response: HttpResponse, request: HttpRequest, route: string): Exchange {
    const { services, metrics } = this.context;
    const startMs = services.clock.monotonicMs();
    const method = request.getMethod();
    this.inFlight.begin();
    return new Exchange(response, request, (status) => {
      this.inFlight.end();
      metrics.onRequest(method, route, status, services.clock.monotonicMs() - startMs);
    });
  }

  private corsHeaders(origin: RequestOrigin, writes: boolean): [string, string][] {
    if (origin.origin === "") {
      return [];
    }
    if (!writes) {
      return [["Access-Control-Allow-Origin", "*"]];
    }
    return mayWrite(origin, this.originsAllowed)
      ? [
          ["Access-Control-Allow-Origin", origin.origin],
          ["Vary", "Origin"],
        ]
      : [["Vary", "Origin"]];
  }

  private preflight(exchange: Exchange, methods: string[]): void {
    const writes = methods.includes("POST");
    const headers = this.corsHeaders(exchange.origin, writes);
    headers.push(["Access-Control-Allow-Methods", methods.join(", ")]);
    headers.push(["Access-Control-Allow-Headers", "Content-Type"], ["Access-Control-Max-Age", PREFLIGHT_SECONDS]);
    exchange.send({ status: 204, contentType: "", body: "" }, headers);
  }

  private wrongMethod(exchange: Exchange, methods: string[]): void {
    const error = new CodedError(
      "BAD_REQUEST",
      `expected ${methods.join(" or ")}, got ${exchange.method.toUpperCase()}`,
    );
    const headers = this.corsHeaders(exchange.origin, false);
    exchange.send(errorAnswer(error, HTTP_METHOD_NOT_ALLOWED), [...headers, ["Allow", methods.join(", ")]]);
  }

  private handle(route: Route, path: Record<string, string>, exchange: Exchange): void {
    const headers = this.corsHeaders(exchange.origin, route.method === "post");
    this.answer(route, path, exchange).then(
      (answer) => exchange.send(answer, headers),
      (error) => exchange.send(this.failure(error, route), headers),
    );
  }

  private async answer(route: Route, path: Record<string, string>, exchange: Exchange): Promise<ApiAnswer> {
    const { query, contentType, source, aborted } = exchange;
    let body: Uint8Array = NO_BODY;
    if (route.body !== undefined) {
      const types = Object.keys(route.body.content);
      const reading = exchange.readBody(route.body.bytesMax(this.context, contentType));
      // A refusal below comes before the body's own; what becomes of the body is then of no interest.
      reading.catch(() => undefined);
      if (!mayWrite(exchange.origin, this.originsAllowed)) {
        const { origin } = exchange.origin;
        const error = new CodedError("BAD_REQUEST", `pages of ${origin.slice(0, 80)} may not submit through this node`);
        return errorAnswer(error, HTTP_FORBIDDEN);
      }
      if (!types.includes(contentType)) {
        const error = new CodedError(
          "BAD_REQUEST",
          `expected content type ${types.join(" or ")}, got "${contentType}"`,
        );
        return errorAnswer(error, HTTP_UNSUPPORTED_MEDIA_TYPE);
      }
      body = await reading;
    }
    return route.handle(new ApiRequest({ path, query, contentType, body, source, aborted }), this.context);
  }

  private failure(error: unknown, route: Route): ApiAnswer {
    if (error instanceof CodedError && error.code !== "INTERNAL") {
      return errorAnswer(error);
    }
    this.context.services.logger.error({ error, route: route.path }, "a request failed");
    this.context.services.onFailure?.(error);
    return errorAnswer(new CodedError("INTERNAL"));
  }
}
