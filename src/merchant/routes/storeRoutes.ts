// Stores, which the operator makes, and a store's tills, people and keys.

import { toHex } from "../../base/bytes.js";
import { parseAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import {
  MERCHANT_SCOPES,
  type MerchantKeyJson,
  type MerchantScope,
  STAFF_ROLES,
  type StaffJson,
  type StoreJson,
  type TillJson,
} from "../../protocol/merchantApiTypes.js";
import { OPERATOR_SCOPE } from "../access/merchantKeyring.js";
import { ROLE_SCOPES } from "../access/roles.js";
import type { Gateway } from "../gateway.js";
import { newId } from "../newId.js";
import { type KeyRecord, keyHash } from "../stores/storeRegistry.js";
import { command, type MerchantRoute, question } from "./merchantRoute.js";
import { REQUEST_SCHEMAS } from "./requestSchemas.js";

const KEY_ID_BYTES = 6;
const NAME_CHARACTERS_MAX = 60;
const TOKENS_MAX = 8;
const TIME_ZONE_DEFAULT = "Asia/Seoul";

function expectTimeZone(name: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new CodedError("BAD_REQUEST", `expected a time zone such as ${TIME_ZONE_DEFAULT}, got "${name}"`);
  }
}

/** Makes a key for one of the store's people; its text is derived from its id, and only its hash is kept. */
function makeKey(
  gateway: Gateway,
  staff: StaffJson & { store: string },
  name: string,
  scopes: MerchantScope[],
): KeyRecord {
  const { parts, secret } = gateway;
  const id = toHex(parts.random.bytes(KEY_ID_BYTES));
  const hash = keyHash(secret.storeKey(id));
  const { store } = staff;
  const record = { id, name, staff: staff.id, scopes, createdMs: parts.clock.nowMs(), revoked: false, store, hash };
  parts.stores.keys.save(record);
  return record;
}

function keyJson({ hash: _, store: __, ...shown }: KeyRecord): MerchantKeyJson {
  return shown;
}

function withoutStore<T extends { store: string }>({ store: _, ...shown }: T): Omit<T, "store"> {
  return shown;
}

const createStore = command({
  path: "/v1/merchant/stores",
  summary: "Makes a store, with an owner and the owner's key: the operator's",
  scope: OPERATOR_SCOPE,
  body: REQUEST_SCHEMAS.newStore,
  answer: { schema: "NewStore", description: "The store, and the owner's key" },
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS"],
  run({ gateway, body }) {
    const { stores, clock } = gateway.parts;
    const payee = body.address("payee");
    const other = stores.ofPayee(parseAddress(payee));
    if (other !== undefined) {
      throw new CodedError("BAD_REQUEST", `expected an address of its own, got that of store ${other.id}`);
    }
    const categoryCode = body.optionalText("categoryCode", 4) ?? "0000";
    if (!/^\d{4}$/.test(categoryCode)) {
      throw new CodedError("BAD_REQUEST", `expected categoryCode to be four digits, got "${categoryCode}"`);
    }
    const store: StoreJson = {
      id: newId(gateway.parts.random, "sto"),
      name: body.text("name", NAME_CHARACTERS_MAX),
      payee,
      timeZone: expectTimeZone(body.optionalText("timeZone", 50) ?? TIME_ZONE_DEFAULT),
      categoryCode,
      city: body.optionalText("city", 15) ?? "Seoul",
      tokens: body.has("tokens") ? body.tokens("tokens", TOKENS_MAX) : ["TTM", "TTC"],
      heightCreated: gateway.parts.cursor(),
      createdMs: clock.nowMs(),
    };
    stores.save(store);
    const person = {
      id: newId(gateway.parts.random, "stf"),
      number: 1,
      name: "owner",
      role: "owner" as const,
      active: true,
    };
    const owner = { ...person, store: store.id };
    stores.staff.save(owner);
    const key = makeKey(gateway, owner, "owner", [...MERCHANT_SCOPES]);
    return { store, owner: withoutStore(owner), key: keyJson(key) };
  },
  reveal: revealKey,
});

function revealKey(gateway: Gateway, answer: object): object {
  const { key } = answer as { key: MerchantKeyJson };
  return { ...answer, secret: gateway.secret.storeKey(key.id) };
}

const listStores = question({
  path: "/v1/merchant/stores",
  summary: "All stores: the operator's",
  scope: OPERATOR_SCOPE,
  answer: { schema: "Stores", description: "Every store of the gateway" },
  ask: ({ gateway }) => ({ stores: gateway.parts.stores.list() }),
});

const ownStore = question({
  path: "/v1/merchant/store",
  summary: "The key's own store, and whose key it is",
  scope: "read",
  answer: { schema: "OwnStore", description: "Store, person and scopes" },
  ask: ({ principal: { store, staff, scopes } }) => ({ store, staff: withoutStore(staff as never), scopes }),
});

const createTill = command({
  path: "/v1/merchant/tills",
  summary: "Makes a till",
  scope: "manage",
  body: REQUEST_SCHEMAS.newTill,
  answer: { schema: "Till", description: "The till" },
  run({ gateway, body, principal }) {
    const { tills } = gateway.parts.stores;
    const number = tills.list(principal.store.id).length + 1;
    const till: TillJson = {
      id: newId(gateway.parts.random, "til"),
      number,
      name: body.text("name", NAME_CHARACTERS_MAX),
    };
    tills.save({ ...till, store: principal.store.id });
    return till;
  },
});

const listTills = question({
  path: "/v1/merchant/tills",
  summary: "The store's tills",
  scope: "read",
  answer: { schema: "Tills", description: "The tills" },
  ask: ({ gateway, principal }) => ({ tills: gateway.parts.stores.tills.list(principal.store.id).map(withoutStore) }),
});

const createStaff = command({
  path: "/v1/merchant/staff",
  summary: "Adds a person with a role",
  scope: "own",
  body: REQUEST_SCHEMAS.newStaff,
  answer: { schema: "Staff", description: "The person" },
  run({ gateway, body, principal }) {
    const person: StaffJson = {
      id: newId(gateway.parts.random, "stf"),
      number: gateway.parts.stores.staff.list(principal.store.id).length + 1,
      name: body.text("name", NAME_CHARACTERS_MAX),
      role: body.oneOf("role", STAFF_ROLES),
      active: true,
    };
    gateway.parts.stores.staff.save({ ...person, store: principal.store.id });
    return person;
  },
});

const changeStaff = command({
  path: "/v1/merchant/staff/{staff}",
  summary: "Gives a person another role, or takes all away: keys follow at once",
  scope: "own",
  body: REQUEST_SCHEMAS.changedStaff,
  answer: { schema: "Staff", description: "The person" },
  errors: ["NOT_FOUND"],
  run({ gateway, request, body, principal }) {
    const { staff } = gateway.parts.stores;
    const known = staff.expect(principal.store.id, request.path("staff"));
    const changed = { ...known, role: body.oneOf("role", STAFF_ROLES), active: body.flag("active") };
    const owners = staff.list(principal.store.id).filter((person) => person.role === "owner" && person.active);
    const isLast = owners.length === 1 && owners[0].id === known.id;
    if (isLast && (changed.role !== "owner" || !changed.active)) {
      throw new CodedError("BAD_REQUEST", "expected a store to keep an owner: make another one first");
    }
    staff.save(changed);
    return withoutStore(changed);
  },
});

const listStaff = question({
  path: "/v1/merchant/staff",
  summary: "The store's people",
  scope: "own",
  answer: { schema: "StaffList", description: "The people" },
  ask: ({ gateway, principal }) => ({ staff: gateway.parts.stores.staff.list(principal.store.id).map(withoutStore) }),
});

const createKey = command({
  path: "/v1/merchant/keys",
  summary: "Makes a key for a person; its text is in this answer only, and in that to the same request again",
  scope: "own",
  body: REQUEST_SCHEMAS.newKey,
  answer: { schema: "NewKey", description: "The key and its text" },
  errors: ["NOT_FOUND"],
  run({ gateway, body, principal }) {
    const staff = gateway.parts.stores.staff.expect(principal.store.id, body.text("staff", NAME_CHARACTERS_MAX));
    const most = ROLE_SCOPES[staff.role];
    const scopes = body.has("scopes") ? body.someOf("scopes", most) : [...most];
    return { key: keyJson(makeKey(gateway, staff, body.text("name", NAME_CHARACTERS_MAX), scopes)) };
  },
  reveal: revealKey,
});

const revokeKey = command({
  path: "/v1/merchant/keys/{key}/revoke",
  summary: "Makes a key worthless, at once and for good",
  scope: "own",
  body: REQUEST_SCHEMAS.nothing,
  answer: { schema: "Key", description: "The key" },
  errors: ["NOT_FOUND"],
  run({ gateway, request, principal }) {
    const { keys } = gateway.parts.stores;
    const revoked = { ...keys.expect(principal.store.id, request.path("key")), revoked: true };
    keys.save(revoked);
    return keyJson(revoked);
  },
});

const listKeys = question({
  path: "/v1/merchant/keys",
  summary: "The store's keys, without their texts",
  scope: "own",
  answer: { schema: "Keys", description: "The keys" },
  ask: ({ gateway, principal }) => ({ keys: gateway.parts.stores.keys.list(principal.store.id).map(keyJson) }),
});

const settlement = question({
  path: "/v1/merchant/settlement",
  summary: "The store as `ttchain settle` wants it described",
  scope: "read",
  answer: { schema: "SettlementStore", description: "The description (docs/settlement.md)" },
  ask({ gateway, principal: { store } }) {
    const { tills, staff } = gateway.parts.stores;
    const named = ({ number, name }: { number: number; name: string }) => ({ number, name });
    return {
      name: store.name,
      address: store.payee,
      timeZone: store.timeZone,
      tills: tills.list(store.id).map(named),
      staff: staff.list(store.id).map(named),
    };
  },
});

export const STORE_ROUTES: MerchantRoute[] = [
  createStore,
  listStores,
  ownStore,
  createTill,
  listTills,
  createStaff,
  changeStaff,
  listStaff,
  createKey,
  revokeKey,
  listKeys,
  settlement,
];
