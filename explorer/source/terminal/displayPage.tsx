// The customer's display: a window of its own that shows what the till tells it.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { Heading } from "../parts/pieces.js";
import { listenToTill } from "./customerDisplay.js";
import { ScreenView } from "./screenView.js";
import type { CustomerScreen } from "./terminal.js";

export function DisplayPage(): JSX.Element {
  const [screen, setScreen] = useState<CustomerScreen>({ kind: "idle", label: "" });
  useEffect(() => listenToTill(setScreen), []);
  return (
    <>
      <div class="unseen">
        <Heading>{t("terminal.screen")}</Heading>
      </div>
      <ScreenView screen={screen} />
    </>
  );
}
