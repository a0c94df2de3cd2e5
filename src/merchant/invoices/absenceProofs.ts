// Fetches, for invoices that expired unpaid, the chain's own proof: each option's mark is absent from the state of the height of
// expiry, or of a later one at which it would still stand. Whoever holds the delegates' keys can check it without this gateway.

import { fromHex } from "../../base/bytes.js";
import { parseAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import type { AbsenceJson, InvoiceJson } from "../../protocol/merchantApiTypes.js";
import { referenceKey } from "../../protocol/stateLeaves.js";
import type { ChainSource } from "../chain/chainSource.js";
import type { GatewayParts } from "../gatewayParts.js";

/** Proofs that are asked for in one go. */
const BATCH = 64;

/** The absence of every mark of the invoice, in one state. Throws HEIGHT_NOT_KEPT. */
async function proveAbsence(chain: ChainSource, invoice: InvoiceJson, height: number): Promise<AbsenceJson> {
  const proofs: AbsenceJson["proofs"] = [];
  for (const [part, { reference, options }] of invoice.parts.entries()) {
    for (const { token, amount } of options) {
      const key = referenceKey(parseAddress(invoice.payee), token, BigInt(amount), fromHex(reference)!);
      proofs.push({ part, token, amount, proof: await chain.proofJson(key, height) });
    }
  }
  return { height, proofs };
}

/** At the height of expiry where its state is kept still, else at the latest that holds the marks still. */
async function findAbsence(chain: ChainSource, invoice: InvoiceJson): Promise<AbsenceJson | undefined> {
  const heightExpiry = Math.max(...invoice.parts.map((part) => part.heightExpiry));
  const earliest = Math.min(...invoice.parts.map((part) => part.heightExpiry));
  try {
    return await proveAbsence(chain, invoice, heightExpiry);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "HEIGHT_NOT_KEPT") {
      throw error;
    }
  }
  const { height } = chain;
  return height <= earliest + chain.parameters.referenceKeepHeights
    ? await proveAbsence(chain, invoice, height)
    : undefined;
}

export class AbsenceProofs {
  private running = false;

  constructor(private readonly parts: GatewayParts) {}

  /** Fetches what is wanted; called again whenever blocks were applied. */
  async run(): Promise<void> {
    if (this.running) {
      return;
    }
    this.running = true;
    try {
      const { rows, chain } = this.parts;
      for (const { key } of [...rows.below<number>("absence", "wanted/", { limit: BATCH })]) {
        const id = key.slice("wanted/".length);
        const invoice = rows.get<InvoiceJson>("invoice", id);
        // A row that is gone already, but not from the disk.
        if (invoice !== undefined && rows.has("absence", key)) {
          const absence = await findAbsence(chain, invoice);
          if (absence !== undefined) {
            rows.put("absence", `proof/${id}`, absence);
          }
          rows.remove("absence", key);
        }
      }
    } catch (error) {
      // Asked for again after the next block.
      this.parts.logger.debug({ err: error }, "a proof of absence could not be had yet");
    } finally {
      this.running = false;
    }
  }

  /** Throws NOT_FOUND where there is none, or none yet. */
  find(id: string): AbsenceJson {
    const absence = this.parts.rows.get<AbsenceJson>("absence", `proof/${id}`);
    if (absence === undefined) {
      throw new CodedError("NOT_FOUND", "expected an invoice that expired unpaid and whose proof has come");
    }
    return absence;
  }
}
