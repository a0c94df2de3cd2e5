// What each role of a store's staff may do. A key of a person may be given fewer of these scopes, never more.

import { MERCHANT_SCOPES, type MerchantScope, type StaffRole } from "../../protocol/merchantApiTypes.js";

export const ROLE_SCOPES: Record<StaffRole, readonly MerchantScope[]> = {
  owner: MERCHANT_SCOPES,
  manager: ["read", "sell", "refund", "manage"],
  cashier: ["read", "sell"],
  viewer: ["read"],
};
