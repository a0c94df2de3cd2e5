// The day's takings: what came in, what went back, and every sale.

import type { JSX } from "preact";
import type { TokenId } from "ttchain";
import { t } from "../i18n/translate.js";
import { amountText } from "../parts/format.js";
import { Time } from "../parts/pieces.js";
import { nativeFace } from "../parts/tokenFaces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";
import { type Sale, salesToday } from "./sales.js";
import { saleAmount } from "./saleView.js";

/** Units by token of the sales that `counts` accepts. */
export function sumSales(sales: Sale[], counts: (sale: Sale) => boolean): [TokenId, bigint][] {
  const sums = new Map<TokenId, bigint>();
  for (const sale of sales.filter(counts)) {
    sums.set(sale.token, (sums.get(sale.token) ?? 0n) + BigInt(sale.amount));
  }
  return [...sums];
}

function sumText(sums: [TokenId, bigint][]): string {
  return sums.map(([token, units]) => `${amountText(units, nativeFace(token)?.decimals ?? 0)} ${token}`).join(", ");
}

function stateText(sale: Sale): [text: string, look: string] {
  if (sale.refund !== undefined) {
    return [t("till.refunded"), "warn"];
  }
  if (sale.state === "paid") {
    return [t("till.paid"), "ok"];
  }
  return sale.state === "open" ? [t("till.open"), ""] : [t("till.expired"), "bad"];
}

export function DayList(): JSX.Element {
  const sales = useStore(salesToday);
  const taken = sumSales(sales, (sale) => sale.state === "paid");
  const given = sumSales(sales, (sale) => sale.refund !== undefined);
  return (
    <section aria-labelledby="day">
      <h2 id="day">{t("till.day")}</h2>
      {sales.length === 0 ? <p class="muted">{t("till.none")}</p> : null}
      {taken.length === 0 ? null : (
        <p class="sums" data-testid="takings">
          {t("till.sum")}: <strong>{sumText(taken)}</strong>
          {given.length === 0 ? null : (
            <>
              {" "}
              · {t("till.sumRefunded")}: <strong>{sumText(given)}</strong>
            </>
          )}
        </p>
      )}
      <ul class="sales">
        {sales.map((sale) => {
          const [text, look] = stateText(sale);
          return (
            <li key={sale.reference}>
              <Link to={`/till/${sale.reference}`}>
                {saleAmount(sale)} {sale.token}
              </Link>
              <span class={`pill ${look}`}>{text}</span>
              <Time timeMs={sale.createdMs} short />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
