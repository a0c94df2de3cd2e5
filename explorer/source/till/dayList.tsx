// The day's takings: what came in, what went back, and every sale.

import type { JSX } from "preact";
import type { TokenId } from "ttchain";
import { t } from "../i18n/translate.js";
import { amountText } from "../parts/format.js";
import { Time } from "../parts/pieces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";
import { type Sale, salesToday } from "./sales.js";
import { saleAmount, saleFace } from "./saleView.js";

/** "4,500 TTM, 2 GOLD": what the sales that `counts` accepts come to by token; empty for none. */
function sumText(sales: Sale[], counts: (sale: Sale) => boolean): string {
  const sums = new Map<TokenId, { units: bigint; face: ReturnType<typeof saleFace> }>();
  for (const sale of sales.filter(counts)) {
    const units = (sums.get(sale.token)?.units ?? 0n) + BigInt(sale.amount);
    sums.set(sale.token, { units, face: saleFace(sale) });
  }
  return [...sums.values()].map(({ units, face }) => `${amountText(units, face.decimals)} ${face.symbol}`).join(", ");
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
  const taken = sumText(sales, (sale) => sale.state === "paid");
  const given = sumText(sales, (sale) => sale.refund !== undefined);
  return (
    <section aria-labelledby="day">
      <h2 id="day">{t("till.day")}</h2>
      {sales.length === 0 ? <p class="muted">{t("till.none")}</p> : null}
      {taken === "" ? null : (
        <p class="sums" data-testid="takings">
          {t("till.sum")}: <strong>{taken}</strong>
          {given === "" ? null : (
            <>
              {" "}
              · {t("till.sumRefunded")}: <strong>{given}</strong>
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
                {saleAmount(sale)} {saleFace(sale).symbol}
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
