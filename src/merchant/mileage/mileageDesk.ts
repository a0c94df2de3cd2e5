// The desk that signs for a store's mileage, as the gateway knows it: terms for a purchase, and the store's signature under one. It is
// reached over HTTP with a key that opens nothing else there: the gateway itself holds no key of the store's account.

import { fromHex, toHex } from "../../base/bytes.js";
import { NodeUnreachableError, requestJson } from "../../client/requestJson.js";
import { CodedError } from "../../protocol/errors.js";
import type { TokenId } from "../../protocol/tokens.js";

const TIMEOUT_MS = 10_000;

/** What the desk's rules say of a purchase, and whose signature it gives. */
export interface MileageTerms {
  grade: string;
  /** Mileage that may go towards the price, were it held. */
  spendable: bigint;
  /** The most that the purchase earns. */
  earned: bigint;
  priceToken: TokenId;
  mileageToken: TokenId;
  /** The store's account, ttc1…, and its key in hex. */
  store: string;
  storeKey: string;
}

export interface MileageDesk {
  /** Throws MALFORMED where more mileage is to be spent than the rules allow. */
  terms(payer: string, price: bigint, spent: bigint): Promise<MileageTerms>;
  /** The whole transaction. Throws MALFORMED for what the rules do not allow. */
  sign(transaction: Uint8Array): Promise<Uint8Array>;
}

export interface MileageDeskOptions {
  url: string;
  /** An API key of the desk with scope `mileage`; none is needed on the desk's own machine as long as it gave out none. */
  key?: string;
}

export class HttpMileageDesk implements MileageDesk {
  constructor(private readonly options: MileageDeskOptions) {}

  async terms(payer: string, price: bigint, spent: bigint): Promise<MileageTerms> {
    const units = { price: `${price}`, ...(spent === 0n ? {} : { spent: `${spent}` }) };
    const answer = await this.post("quotes", { address: payer, ...units });
    const { spendable, earned, ...rest } = answer as Record<keyof MileageTerms, string>;
    return { ...rest, spendable: BigInt(spendable), earned: BigInt(earned) };
  }

  async sign(transaction: Uint8Array): Promise<Uint8Array> {
    const answer = await this.post("signatures", { transaction: toHex(transaction) });
    return fromHex((answer as { transaction: string }).transaction)!;
  }

  private async post(route: string, body: object): Promise<unknown> {
    const { url, key } = this.options;
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const headers = { "content-type": "application/json", ...authorization };
    const request = { method: "POST" as const, headers, body: JSON.stringify(body) };
    try {
      return await requestJson(url.replace(/\/+$/, ""), `/v1/desk/mileage/${route}`, request, TIMEOUT_MS);
    } catch (error) {
      const isDesksMatter = error instanceof CodedError && error.code === "UNAUTHORIZED";
      throw error instanceof NodeUnreachableError || isDesksMatter
        ? new CodedError("MILEAGE_UNAVAILABLE", `the mileage desk: ${error.message}`)
        : error;
    }
  }
}
