// Puts the table of routes on a uWebSockets.js app: checks who may write, reads bodies within their limits, answers errors with
// their codes, and counts what is under way, so that a closing server can wait for it.

import type { HttpRequest, HttpResponse, TemplatedApp } from "uWebSockets.js";
import { CodedError } from "../protocol/errors.js";
import type { HttpContext } from "./context.js";
import type { Visitor } from "./door/door.js";
import { Exchange, errorAnswer } from "./exchange.js";
import { mayWrite, type RequestOrigin } from "./origins.js";
import { type RequestParts, RouteRequest } from "./request.js";
import type { Route, RouteAnswer } from "./route.js";

const NO_BODY = new Uint8Array(0);
const HTTP_FORBIDDEN = 403;
const HTTP_METHOD_NOT_ALLOWED = 405;
const HTTP_UNSUPPORTED_MEDIA_TYPE = 415;
/** A browser that saw TLS once does without it never again, for a year. */
const STRICT_TRANSPORT = "max-age=31536000";
const PREFLIGHT_SECONDS = "600";
/** The label of requests that no route takes. */
const NO_ROUTE = "none";

/** Requests that are not answered yet. */
class InFlight {
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

/** Parts of a request that only its route names: uWebSockets.js has them no longer when the callback has returned. */
type ReadAtOnce = Pick<RequestParts, "path" | "headers">;

export class RouteServer<Context extends HttpContext> {
  readonly inFlight = new InFlight();

  constructor(
    private readonly context: Context,
    private readonly originsAllowed: readonly string[],
    private readonly isSecure: boolean,
  ) {}

  /** Registers routes and preflights. */
  serve(app: TemplatedApp, routes: readonly Route<Context>[]): void {
    for (const route of routes) {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const pattern = route.path.replace(/\{(\w+)\}/g, ":$1");
      const handler = (response: HttpResponse, request: HttpRequest): void => {
        const path = Object.fromEntries(names.map((name, index) => [name, request.getParameter(index) ?? ""]));
        const headers = Object.fromEntries((route.headers ?? []).map((name) => [name, request.getHeader(name)]));
        this.handle(route, { path, headers }, this.begin(response, request, route.path));
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
  }

  /** Registers the answer for what is no route. */
  serveNothingElse(app: TemplatedApp): void {
    app.any("/*", (response, request) => {
      const url = request.getUrl();
      const exchange = this.begin(response, request, NO_ROUTE);
      const error = new CodedError("NOT_FOUND", `there is no route ${url.slice(0, 80)}: see /openapi.json`);
      exchange.send(this.refusal(exchange) ?? errorAnswer(error), this.corsHeaders(exchange.origin, false));
    });
  }

  private begin(response: HttpResponse, request: HttpRequest, route: string): Exchange {
    const { clock } = this.context;
    const startMs = clock.monotonicMs();
    const method = request.getMethod();
    this.inFlight.begin();
    return new Exchange(response, request, (status) => {
      this.inFlight.end();
      this.context.onRequest(method, route, status, clock.monotonicMs() - startMs);
    });
  }

  /** Counts a request that no route takes; false where it is one too many. */
  mayAsk(response: HttpResponse, request: HttpRequest): boolean {
    const { door } = this.context;
    const connected = new TextDecoder().decode(response.getRemoteAddressAsText());
    try {
      door.visitor(door.addressOf(connected, request.getHeader("x-forwarded-for"))).request(0);
      return true;
    } catch {
      return false;
    }
  }

  private addressOf({ connected, forwardedFor }: Exchange): string {
    return this.context.door.addressOf(connected, forwardedFor);
  }

  /** Counts a request that needs no key; the answer to one that is one too many. */
  private refusal(exchange: Exchange): RouteAnswer | undefined {
    try {
      this.context.door.visitor(this.addressOf(exchange)).request(exchange.contentLength);
      return undefined;
    } catch (error) {
      return errorAnswer(error as CodedError);
    }
  }

  /** Counts a request, and checks that its sender may make it. Throws UNAUTHORIZED or RATE_LIMITED. */
  private admit(route: Route<Context>, exchange: Exchange, address: string): Visitor {
    const { door, keyring } = this.context;
    const visitor = door.visitor(address);
    const scopes = keyring.scopesOf(exchange.authorization);
    visitor.request(exchange.contentLength, scopes.includes("unlimited"));
    if (route.scope !== undefined) {
      keyring.expect(route.scope, scopes, address);
    }
    return visitor;
  }

  /** Headers of every answer besides its own. */
  private commonHeaders(): [string, string][] {
    return this.isSecure ? [["Strict-Transport-Security", STRICT_TRANSPORT]] : [];
  }

  private corsHeaders(origin: RequestOrigin, writes: boolean): [string, string][] {
    return [...this.commonHeaders(), ...this.originHeaders(origin, writes)];
  }

  private originHeaders(origin: RequestOrigin, writes: boolean): [string, string][] {
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
    exchange.send(this.refusal(exchange) ?? { status: 204, contentType: "", body: "" }, headers);
  }

  private wrongMethod(exchange: Exchange, methods: string[]): void {
    const error = new CodedError(
      "BAD_REQUEST",
      `expected ${methods.join(" or ")}, got ${exchange.method.toUpperCase()}`,
    );
    const headers = this.corsHeaders(exchange.origin, false);
    exchange.send(this.refusal(exchange) ?? errorAnswer(error, HTTP_METHOD_NOT_ALLOWED), [
      ...headers,
      ["Allow", methods.join(", ")],
    ]);
  }

  private handle(route: Route<Context>, read: ReadAtOnce, exchange: Exchange): void {
    // What is for operators is for no page, and reading it not for strangers' ones.
    const headers =
      route.scope === undefined ? this.corsHeaders(exchange.origin, route.method === "post") : this.commonHeaders();
    this.answer(route, read, exchange).then(
      (answer) => exchange.send(answer, headers),
      (error) => exchange.send(this.failure(error, route), headers),
    );
  }

  private async answer(route: Route<Context>, read: ReadAtOnce, exchange: Exchange): Promise<RouteAnswer> {
    const { query, contentType, aborted, authorization, idempotencyKey } = exchange;
    const address = this.addressOf(exchange);
    const sent = { ...read, query, contentType, authorization, idempotencyKey, address, aborted };
    let body: Uint8Array = NO_BODY;
    if (route.body !== undefined) {
      const types = Object.keys(route.body.content);
      const reading = exchange.readBody(route.body.bytesMax(this.context, contentType));
      // A refusal below comes before the body's own; what becomes of the body is then of no interest.
      reading.catch(() => undefined);
      const visitor = this.admit(route, exchange, address);
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
      if (exchange.contentEncoding !== "" && exchange.contentEncoding !== "identity") {
        const error = new CodedError("BAD_REQUEST", "expected a body as it is: no content encoding is taken");
        return errorAnswer(error, HTTP_UNSUPPORTED_MEDIA_TYPE);
      }
      body = await reading;
      visitor.receive(Math.max(0, body.length - exchange.contentLength));
      return route.handle(new RouteRequest({ ...sent, body, visitor }), this.context);
    }
    const visitor = this.admit(route, exchange, address);
    return route.handle(new RouteRequest({ ...sent, body, visitor }), this.context);
  }

  private failure(error: unknown, route: Route<Context>): RouteAnswer {
    if (error instanceof CodedError && error.code !== "INTERNAL") {
      return errorAnswer(error);
    }
    this.context.logger.error({ error, route: route.path }, "a request failed");
    this.context.onFailure(error);
    return errorAnswer(new CodedError("INTERNAL"));
  }
}
