// A partner behind HTTP: done once for a key, a no is a no, and everything else means "not known".

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpLedger } from "../../src/merchant/desk/httpLedger.js";
import { DeskRefusal, NotYet } from "../../src/merchant/desk/order.js";
import { PartnerServer } from "./partnerServer.js";

describe("a partner's ledger behind HTTP", () => {
  let partner: PartnerServer;
  let ledger: HttpLedger;

  beforeAll(async () => {
    partner = await PartnerServer.start();
    partner.balances.set("ann", 100n);
    ledger = new HttpLedger({ name: "bada", url: partner.url, secret: partner.secret });
  });

  afterAll(() => partner.close());

  test("takes once for a key, also where the first answer was lost", async () => {
    partner.answersToLose = 1;
    await expect(ledger.take("k1", "ann", 30n)).rejects.not.toBeInstanceOf(DeskRefusal);
    expect(await ledger.take("k1", "ann", 30n)).toBe(await ledger.take("k1", "ann", 30n));
    expect(partner.balances.get("ann")).toBe(70n);
  });

  test("tells the partner's no with its reason", async () => {
    await expect(ledger.take("k2", "ann", 71n)).rejects.toThrow(/bada: too few points/);
    await expect(ledger.take("k2", "ann", 71n)).rejects.toMatchObject({ code: "OUTSIDE_REFUSED" });
  });

  test("never takes no for an answer where something must come back", async () => {
    const strict = new HttpLedger({ name: "bada", url: partner.url, secret: "wrong" });
    await expect(strict.giveBack("k1", "ann", 30n)).rejects.toBeInstanceOf(NotYet);
    await ledger.giveBack("k1", "ann", 30n);
    expect(partner.balances.get("ann")).toBe(100n);
  });

  test("takes an unknown status, a broken answer and a dead partner for not known", async () => {
    const wrongSecret = new HttpLedger({ name: "bada", url: partner.url, secret: "wrong" });
    await expect(wrongSecret.take("k3", "ann", 1n)).rejects.toThrow("answered 401");
    const dead = new HttpLedger({ name: "bada", url: "http://127.0.0.1:9/points", secret: "" });
    await expect(dead.give("k3", "ann", 1n)).rejects.not.toBeInstanceOf(DeskRefusal);
  });
});
