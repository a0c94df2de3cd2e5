// Payments out of a Cassandra that may be away: it is connected to when somebody first asks and again after it failed, and whoever asks
// meanwhile is told so.

import { CodedError } from "../../protocol/errors.js";
import type { CassandraAddress } from "../../storage/cassandraAddress.js";
import type { DayTotal, DayTotalsQuery, PaymentHistory, PaymentPage, PaymentQuery } from "../payments/payment.js";
import { CassandraPayments } from "./cassandraPayments.js";
import { CassandraSession } from "./cassandraSession.js";

export class RemotePayments implements PaymentHistory {
  private connecting: Promise<CassandraSession> | undefined;

  constructor(
    private readonly address: CassandraAddress,
    private readonly genesisHash: Uint8Array,
  ) {}

  private async ask<T>(question: (payments: PaymentHistory) => Promise<T>): Promise<T> {
    try {
      this.connecting ??= CassandraSession.connect(this.address);
      const session = await this.connecting.catch((error: unknown) => {
        this.connecting = undefined;
        throw error;
      });
      return await question(new CassandraPayments(session, this.genesisHash));
    } catch (error) {
      if (error instanceof CodedError) {
        throw error;
      }
      const message = `Cassandra does not answer: ${error instanceof Error ? error.message : String(error)}`;
      throw new CodedError("HISTORY_UNREACHABLE", message.slice(0, 300));
    }
  }

  height(): Promise<number> {
    return this.ask((payments) => payments.height());
  }

  payments(query: PaymentQuery): Promise<PaymentPage> {
    return this.ask((payments) => payments.payments(query));
  }

  dayTotals(query: DayTotalsQuery): Promise<DayTotal[]> {
    return this.ask((payments) => payments.dayTotals(query));
  }

  async close(): Promise<void> {
    const session = await this.connecting?.catch(() => undefined);
    await session?.close();
  }
}
