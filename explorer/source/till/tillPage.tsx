// The till: set up once, then keypad, invoice, receipt, takings. The address names the sale, so that a reload comes back to it.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { Heading } from "../parts/pieces.js";
import { go } from "../router.js";
import { useStore } from "../store.js";
import { resumePending } from "../wallet/pay.js";
import { DayList } from "./dayList.js";
import { Keypad } from "./keypad.js";
import { saleOf, salesToday } from "./sales.js";
import { SaleView } from "./saleView.js";
import { tillSettings } from "./tillSettings.js";
import { TillSetup } from "./tillSetup.js";

export function TillPage({ name }: PageProps): JSX.Element {
  const settings = useStore(tillSettings);
  const [changing, setChanging] = useState(false);
  useStore(salesToday);
  useEffect(resumePending, []);
  if (settings === undefined || changing) {
    return <TillSetup settings={settings} onDone={() => setChanging(false)} />;
  }
  const sale = name === "" ? undefined : saleOf(name);
  if (sale !== undefined) {
    return <SaleView sale={sale} key={`${sale.reference}-${sale.state}`} />;
  }
  return (
    <>
      <div class="wallet-head">
        <Heading>
          <bdi>{settings.label === "" ? t("till.title") : settings.label}</bdi> · {settings.number}
        </Heading>
        <button type="button" class="quiet" onClick={() => setChanging(true)}>
          {t("till.settings")}
        </button>
      </div>
      <Keypad settings={settings} onSale={(opened) => go(`/till/${opened.reference}`)} />
      <DayList />
    </>
  );
}
