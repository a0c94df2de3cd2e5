// What /metrics tells of contracts: everything together, and single contracts as far as labels are left. The first contracts
// that are called after the start get labels of their own, all others share one, so that nobody can flood a monitoring system.

import { Counter, type Registry } from "prom-client";
import { contractActivity } from "../history/contractActivity.js";
import { NATIVE_TOKENS } from "../protocol/tokens.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { addressText } from "./json/addressText.js";

const LABELS_MAX = 50;
const OTHERS = "other";

export class ContractMetrics {
  private readonly labels = new Map<string, string>();
  private readonly runs: Counter<"outcome">;
  private readonly gas: Counter;
  private readonly callsOf: Counter<"contract" | "outcome">;
  private readonly gasOf: Counter<"contract">;
  private readonly valueOf: Counter<"contract" | "token" | "direction">;

  constructor(registry: Registry) {
    const registers = [registry];
    this.runs = new Counter({
      name: "ttchain_contract_calls_total",
      help: "Calls, registrations and upgrades of contracts in blocks, by how they ended",
      labelNames: ["outcome"],
      registers,
    });
    this.gas = new Counter({
      name: "ttchain_contract_gas_total",
      help: "Gas that contracts used in blocks",
      registers,
    });
    this.callsOf = new Counter({
      name: "ttchain_contract_address_calls_total",
      help: "Calls of single contracts, by how they ended",
      labelNames: ["contract", "outcome"],
      registers,
    });
    this.gasOf = new Counter({
      name: "ttchain_contract_address_gas_total",
      help: "Gas of calls of single contracts",
      labelNames: ["contract"],
      registers,
    });
    this.valueOf = new Counter({
      name: "ttchain_contract_address_value_units_total",
      help: "Units of the chain's own tokens that single contracts were paid and paid",
      labelNames: ["contract", "token", "direction"],
      registers,
    });
  }

  private label(key: string, contract: Uint8Array): string {
    const known = this.labels.get(key);
    if (known !== undefined || this.labels.size >= LABELS_MAX) {
      return known ?? OTHERS;
    }
    const label = addressText(contract);
    this.labels.set(key, label);
    return label;
  }

  onBlock(block: CommittedBlock): void {
    const { runs, changes } = contractActivity(block);
    this.runs.inc({ outcome: "succeeded" }, runs.succeeded);
    this.runs.inc({ outcome: "failed" }, runs.failed);
    this.gas.inc(runs.gasUsed);
    for (const [key, { contract: address, isContract, calls, failures, gasUsed, valueIn, valueOut }] of changes) {
      if (!isContract && !this.labels.has(key)) {
        continue;
      }
      const contract = this.label(key, address);
      this.callsOf.inc({ contract, outcome: "succeeded" }, calls - failures);
      this.callsOf.inc({ contract, outcome: "failed" }, failures);
      this.gasOf.inc({ contract }, gasUsed);
      for (const [i, token] of NATIVE_TOKENS.entries()) {
        this.valueOf.inc({ contract, token, direction: "in" }, Number(valueIn[i]));
        this.valueOf.inc({ contract, token, direction: "out" }, Number(valueOut[i]));
      }
    }
  }
}
