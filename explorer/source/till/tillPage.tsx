// The till: set up once, then keypad, invoice, receipt, takings. The address names the sale, so that a reload comes back to it.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isPayCode } from "ttchain";
import type { PageProps } from "../app.js";
import { type TextKey, t } from "../i18n/translate.js";
import { Heading } from "../parts/pieces.js";
import { go } from "../router.js";
import { useStore } from "../store.js";
import { SimulatedPanel } from "../terminal/simulatedPanel.js";
import { SimulatedTerminal } from "../terminal/simulatedTerminal.js";
import { terminalChanges, tillTerminal } from "../terminal/tillTerminal.js";
import { resumePending } from "../wallet/pay.js";
import { DayList } from "./dayList.js";
import { Keypad } from "./keypad.js";
import { QueueList } from "./queueList.js";
import { referenceOfCode } from "./receiptLines.js";
import { watchRefundQueue } from "./refundQueue.js";
import { saleOf, salesToday } from "./sales.js";
import { SaleView } from "./saleView.js";
import { tillSettings } from "./tillSettings.js";
import { TillSetup } from "./tillSetup.js";

/**
 * Opens the sale that a scanned receipt names, for as long as the till is on the screen. Gives what is said of a code scanned in vain.
 * A customer's code is an open sale's affair.
 */
function useReceiptScans(openReference: string | undefined): TextKey | undefined {
  useStore(terminalChanges);
  const terminal = tillTerminal();
  const [unknown, setUnknown] = useState<TextKey>();
  useEffect(() => {
    const ended = new AbortController();
    const listen = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        const code = await terminal.scan(ended.signal);
        const reference = referenceOfCode(code);
        const isKnown = reference !== undefined && saleOf(reference) !== undefined;
        const isForSale = isPayCode(code) && openReference !== undefined;
        setUnknown(isKnown || isForSale ? undefined : isPayCode(code) ? "till.codeFirst" : "terminal.unknownCode");
        if (isKnown) {
          go(`/till/${reference}`);
        }
      }
    };
    listen().catch(() => undefined);
    return () => ended.abort();
  }, [terminal, openReference]);
  return unknown;
}

/** What stands below the till whichever page of it is shown. */
function Below({ unknown }: { unknown: TextKey | undefined }): JSX.Element {
  const terminal = tillTerminal();
  return (
    <>
      {unknown === undefined ? null : (
        <p role="status" class="notice warn no-print">
          {t(unknown)}
        </p>
      )}
      {terminal instanceof SimulatedTerminal ? <SimulatedPanel terminal={terminal} /> : null}
    </>
  );
}

export function TillPage({ name }: PageProps): JSX.Element {
  const settings = useStore(tillSettings);
  const [changing, setChanging] = useState(false);
  useStore(salesToday);
  useEffect(resumePending, []);
  useEffect(watchRefundQueue, []);
  const sale = name === "" ? undefined : saleOf(name);
  const takesCodes = sale?.state === "open" && sale.invoice !== undefined;
  const unknown = useReceiptScans(takesCodes ? sale.reference : undefined);
  if (settings === undefined || changing) {
    return <TillSetup settings={settings} onDone={() => setChanging(false)} />;
  }
  if (sale !== undefined) {
    return (
      <>
        <SaleView sale={sale} key={`${sale.reference}-${sale.state}`} />
        <Below unknown={unknown} />
      </>
    );
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
      <QueueList />
      <DayList />
      <Below unknown={unknown} />
    </>
  );
}
