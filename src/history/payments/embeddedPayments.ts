// Payments of the embedded history. Each page is read in one go, so that no run is replaced while it is read.

import type { KeyValueHistory } from "../keyValueHistory.js";
import type { Payment, PaymentState, PaymentSubject } from "./payment.js";
import type { PaymentIndex } from "./paymentIndex.js";
import { PaymentQueries, type PaymentRange } from "./paymentQueries.js";
import { heightAtTime, paymentsBackwards } from "./runPayments.js";

/** The payments of an embedded history with its status. */
export function embeddedPaymentIndex(history: KeyValueHistory): PaymentIndex {
  return {
    history: new EmbeddedPayments(history),
    status: () => ({ store: "lmdb", state: "following", height: history.height }),
  };
}

export class EmbeddedPayments extends PaymentQueries {
  constructor(private readonly history: KeyValueHistory) {
    super();
  }

  override height(): Promise<number> {
    return Promise.resolve(this.history.height);
  }

  protected override async read(
    of: PaymentSubject,
    state: PaymentState,
    { fromMs, toMs, before }: PaymentRange,
    limit: number,
    height: number,
  ): Promise<Payment[]> {
    const { history } = this;
    const timeAt = (at: number): number | undefined => history.blockSummary(at)?.timeMs;
    const heightFrom = fromMs > 0 ? heightAtTime(timeAt, height, fromMs) : 0;
    const heightTo = toMs < Number.MAX_SAFE_INTEGER ? heightAtTime(timeAt, height, toMs) : height + 1;
    const end = { height: heightTo, index: 0, part: 0 };
    const below = before !== undefined && before.height < heightTo ? before : end;
    const payments: Payment[] = [];
    for (const payment of paymentsBackwards(history.paymentView(), of, state, heightFrom, below)) {
      payments.push(payment);
      if (payments.length === limit) {
        break;
      }
    }
    return payments;
  }
}
