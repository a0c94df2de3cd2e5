// Parameters that the gateway's lists and long polls share.

import { WHOLE } from "../../http/openapi/schema.js";
import { queryParameter } from "../../http/route.js";

export const PAGE_MOST = 100;

export const LIMIT = queryParameter("limit", `How many, up to ${PAGE_MOST}`, {
  ...WHOLE,
  minimum: 1,
  maximum: PAGE_MOST,
});

export const WAIT_MS_MAX = 30_000;

export const WAIT = queryParameter("wait", "Wait up to so many milliseconds for something new, 30,000 at most", WHOLE);
