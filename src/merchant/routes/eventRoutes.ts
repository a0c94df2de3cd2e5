// The store's events as a poll with a cursor, and how the gateway stands.

import { refTo, WHOLE } from "../../http/openapi/schema.js";
import { JSON_TYPE, jsonAnswer, queryParameter } from "../../http/route.js";
import { eventPage } from "./eventPage.js";
import { type MerchantRoute, question } from "./merchantRoute.js";
import { LIMIT, PAGE_MOST, WAIT } from "./pageParameters.js";
import { patienceOf } from "./waitFor.js";

const PAGE_USUAL = 50;

const poll = question({
  path: "/v1/merchant/events",
  summary: "Events above a sequence number, oldest first",
  scope: "read",
  parameters: [
    queryParameter("after", "The sequence number of the last event that was seen; 0 at first", WHOLE),
    LIMIT,
    WAIT,
  ],
  answer: { schema: "Events", description: "Events, and the sequence number to ask with next" },
  async ask({ gateway, request, closing }) {
    const after = request.optionalNumber("after") ?? 0;
    const query = { authorization: request.authorization, after, limit: request.limit(PAGE_USUAL, PAGE_MOST) };
    const { clock } = gateway.parts;
    const events = await eventPage(gateway, query, patienceOf(request, { clock, closing }));
    return { events, after: events.at(-1)?.sequence ?? after };
  },
});

const status: MerchantRoute = {
  method: "get",
  path: "/v1/merchant/status",
  summary: "Whether the gateway follows its chain, and up to which height",
  answer: { description: "How it stands", content: { [JSON_TYPE]: refTo("GatewayStatus") } },
  handle: (_request, { gateway, version }) =>
    jsonAnswer({
      following: gateway.isFollowing,
      height: gateway.height,
      chainHeight: gateway.parts.chain.height,
      version,
    }),
};

export const EVENT_ROUTES: MerchantRoute[] = [poll, status];
