// The wallet: none yet, locked, or open with its pages.

import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Account } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { HistoryTable } from "../parts/historyTable.js";
import { Heading } from "../parts/pieces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";
import { Contacts } from "./contactList.js";
import { DeviceSettings } from "./deviceSettings.js";
import { Home } from "./home.js";
import { Pieces } from "./nfts.js";
import { resumePending } from "./pay.js";
import { PayByCode } from "./payByCode.js";
import { Receive } from "./receive.js";
import { Send } from "./send.js";
import { UnlockForm } from "./unlockForm.js";
import { lock, openAccount, storedKeyFile } from "./vault.js";
import { VotesTab } from "./votes.js";
import { Welcome } from "./welcome.js";

export interface WalletTabProps {
  account: Account;
  query: URLSearchParams;
}

function WalletHistory({ account }: WalletTabProps): JSX.Element {
  return <HistoryTable address={account.addressText} />;
}

const TABS: Record<string, ComponentType<WalletTabProps>> = {
  home: Home,
  send: Send,
  receive: Receive,
  code: PayByCode,
  history: WalletHistory,
  nfts: Pieces,
  votes: VotesTab,
  contacts: Contacts,
  settings: DeviceSettings,
};

function tabText(tab: string): string {
  return t(`wallet.${tab}` as "wallet.home");
}

function OpenWallet({ account, tab, query }: WalletTabProps & { tab: string }): JSX.Element {
  const Tab = TABS[tab] ?? Home;
  return (
    <>
      <div class="wallet-head">
        <Heading>{tabText(TABS[tab] === undefined ? "home" : tab)}</Heading>
        <button type="button" class="quiet" onClick={lock}>
          {t("wallet.lock")}
        </button>
      </div>
      <nav class="tabs" aria-label={t("wallet.tabs")}>
        {Object.keys(TABS).map((name) => (
          <Link
            key={name}
            to={name === "home" ? "/wallet" : `/wallet/${name}`}
            aria-current={name === tab ? "page" : undefined}
          >
            {tabText(name)}
          </Link>
        ))}
      </nav>
      <Tab account={account} query={query} />
    </>
  );
}

export function WalletPage({ name, query }: PageProps): JSX.Element {
  const file = useStore(storedKeyFile);
  const account = useStore(openAccount);
  useEffect(resumePending, []);
  if (file === undefined) {
    return <Welcome />;
  }
  if (account === undefined) {
    return (
      <>
        <Heading>{t("wallet.lockedTitle")}</Heading>
        <p class="break muted">{file.address}</p>
        <UnlockForm />
        <p class="muted">{t("wallet.idle")}</p>
      </>
    );
  }
  return <OpenWallet account={account} tab={name === "" ? "home" : name} query={query} />;
}
