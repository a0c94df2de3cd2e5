// A route of the node's API.

import type { Route } from "../http/route.js";
import type { ApiContext } from "./context.js";

export type ApiRoute = Route<ApiContext>;
