// Answers the gateway's routes where the gateway is: in this process where it holds the store, else in the one that does. A request that
// loses its holder on the way is sent again, to whoever holds the store next, this process perhaps: so a client sees nothing of it.

import { setMaxListeners } from "node:events";
import type { Clock } from "../../base/clock.js";
import { errorOfAnswer } from "../../client/requestJson.js";
import type { ScopeKeeper } from "../../http/context.js";
import type { RouteRequest } from "../../http/request.js";
import type { Route, RouteAnswer } from "../../http/route.js";
import { CodedError } from "../../protocol/errors.js";
import type { MerchantEventJson } from "../../protocol/merchantApiTypes.js";
import type { Gateway } from "../gateway.js";
import { type EventQuery, eventPage } from "../routes/eventPage.js";
import type { InstanceContext, MerchantRoute } from "../routes/merchantRoute.js";
import { WAIT_MS_MAX } from "../routes/pageParameters.js";
import type { PassedRequest } from "./holderLink.js";

/** How long a request waits for an instance that holds the store: a client waits for its answer meanwhile. */
const PATIENCE_MS = 8_000;
const RETRY_MS = 50;

/** Where the gateway is. */
export interface GatewayPlace {
  /** It, where this process holds the store. */
  readonly gateway: Gateway | undefined;
  /** Passes a request on to the process that does; undefined where none answers. */
  pass?(request: PassedRequest): Promise<RouteAnswer | undefined>;
}

export class Dispatch {
  constructor(
    private readonly place: GatewayPlace,
    private readonly clock: Clock,
    private readonly closing: AbortSignal,
  ) {
    setMaxListeners(0, closing);
  }

  /** What the door asks before a body is read. Whoever passes requests on knows no keys: the holder looks at them. */
  readonly keyring: ScopeKeeper = {
    scopesOf: (authorization) => this.place.gateway?.keyring.scopesOf(authorization) ?? [],
    expect: (scope, scopes, address) => this.place.gateway?.keyring.expect(scope, scopes, address),
  };

  /** The route as this process serves it. */
  route(route: MerchantRoute, context: InstanceContext): Route<InstanceContext> {
    return {
      ...route,
      handle: (request) =>
        this.answer<RouteAnswer>(
          passedOn(route, request),
          (gateway) => {
            // Looked at here too: the request may have been let in before this process held the store.
            if (route.scope !== undefined) {
              const scopes = gateway.keyring.scopesOf(request.authorization);
              gateway.keyring.expect(route.scope, scopes, request.address);
            }
            return route.handle(request, { ...context, gateway });
          },
          (answer) => answer,
        ),
    };
  }

  /** A store's next events, wherever they are told. Throws what a poll would. */
  nextEvents(query: EventQuery, aborted: AbortSignal): Promise<readonly MerchantEventJson[]> {
    const { authorization, after, limit } = query;
    const poll: PassedRequest = {
      method: "GET",
      target: `/v1/merchant/events?after=${after}&limit=${limit}&wait=${WAIT_MS_MAX}`,
      headers: { authorization },
      body: new Uint8Array(0),
      aborted,
    };
    const { clock, closing } = this;
    const here = (gateway: Gateway) => eventPage(gateway, query, { clock, waitMs: WAIT_MS_MAX, aborted, closing });
    return this.answer<readonly MerchantEventJson[]>(poll, here, readEvents);
  }

  private async answer<T>(
    passed: PassedRequest,
    here: (gateway: Gateway) => T | Promise<T>,
    read: (answer: RouteAnswer) => T,
  ): Promise<T> {
    const deadlineMs = this.clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      const { gateway } = this.place;
      if (gateway !== undefined) {
        return here(gateway);
      }
      const answer = await this.place.pass?.(passed);
      if (answer !== undefined) {
        return read(answer);
      }
      if (passed.aborted.aborted || this.clock.monotonicMs() >= deadlineMs) {
        throw new CodedError("NO_HOLDER", undefined, { retryAfterMs: RETRY_MS });
      }
      await new Promise<void>((resolve) => this.clock.setTimer(RETRY_MS, resolve));
    }
  }
}

function readEvents({ status = 0, body }: RouteAnswer): readonly MerchantEventJson[] {
  const value: unknown = JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
  if (status !== 200) {
    throw errorOfAnswer(value, `the gateway answered with HTTP status ${status}`);
  }
  return (value as { events: MerchantEventJson[] }).events;
}

function passedOn(route: MerchantRoute, request: RouteRequest): PassedRequest {
  const { contentType, authorization, idempotencyKey, body, aborted } = request;
  const given = { "content-type": contentType, authorization, "idempotency-key": idempotencyKey };
  const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  return {
    method: route.method.toUpperCase(),
    target: request.target(route.path),
    headers: { ...headers, "x-forwarded-for": request.address },
    body,
    aborted,
  };
}
