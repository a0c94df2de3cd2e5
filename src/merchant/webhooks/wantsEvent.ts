// Whether a webhook is sent an event: one of the types it asked for, or any where it named none. What is told of a webhook is no
// news for itself.

import type { MerchantEventJson, WebhookJson } from "../../protocol/merchantApiTypes.js";

export function wantsEvent(
  { id, events }: Pick<WebhookJson, "id" | "events">,
  { type, data }: Pick<MerchantEventJson, "type" | "data">,
): boolean {
  return (events.length === 0 || events.includes(type)) && data.webhook?.id !== id;
}
