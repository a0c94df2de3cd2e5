// The frame around every page: navigation, search, language, colours, and which page the address names.

import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { language, setLanguage, t } from "./i18n/translate.js";
import { startLive } from "./live.js";
import { linkState, nodeStatus } from "./node.js";
import { Heading, Loading } from "./parts/pieces.js";
import { SearchBox } from "./parts/searchBox.js";
import { Link, place } from "./router.js";
import { useStore } from "./store.js";
import { theme, toggleTheme } from "./theme.js";

export interface PageProps {
  /** The part of the address after the page's name. */
  name: string;
  query: URLSearchParams;
}

type Page = ComponentType<PageProps>;

const PAGES: Record<string, () => Promise<Page>> = {
  "": async () => (await import("./pages/livePage.js")).LivePage,
  blocks: async () => (await import("./pages/blocksPage.js")).BlocksPage,
  block: async () => (await import("./pages/blockPage.js")).BlockPage,
  tx: async () => (await import("./pages/transactionPage.js")).TransactionPage,
  account: async () => (await import("./pages/accountPage.js")).AccountPage,
  tokens: async () => (await import("./pages/tokensPage.js")).TokensPage,
  token: async () => (await import("./pages/tokenPage.js")).TokenPage,
  contract: async () => (await import("./pages/contractPage.js")).ContractPage,
  delegates: async () => (await import("./pages/delegatesPage.js")).DelegatesPage,
  rounds: async () => (await import("./pages/roundsPage.js")).RoundsPage,
  round: async () => (await import("./pages/roundPage.js")).RoundPage,
  name: async () => (await import("./pages/namePage.js")).NamePage,
  candidate: async () => (await import("./pages/candidatePage.js")).CandidatePage,
  partners: async () => (await import("./pages/partnersPage.js")).PartnersPage,
  parameters: async () => (await import("./pages/parametersPage.js")).ParametersPage,
  health: async () => (await import("./pages/healthPage.js")).HealthPage,
  search: async () => (await import("./pages/searchPage.js")).SearchPage,
  wallet: async () => (await import("./wallet/walletPage.js")).WalletPage,
  till: async () => (await import("./till/tillPage.js")).TillPage,
  display: async () => (await import("./terminal/displayPage.js")).DisplayPage,
};

const EXPLORER_LINKS = [
  ["/", "nav.live"],
  ["/blocks", "nav.blocks"],
  ["/tokens", "nav.tokens"],
  ["/delegates", "nav.delegates"],
  ["/partners", "nav.partners"],
  ["/parameters", "nav.parameters"],
  ["/health", "nav.health"],
] as const;

function NotFound(): JSX.Element {
  return (
    <>
      <Heading>{t("app.notFound")}</Heading>
      <p>{t("app.notFoundText")}</p>
    </>
  );
}

function ChainNotice(): JSX.Element | null {
  const link = useStore(linkState);
  const status = useStore(nodeStatus);
  return (
    <div role="status" class="chain-notice">
      {link === "lost" ? <p class="notice warn">{t("app.lost")}</p> : null}
      {link !== "lost" && status?.chain.development ? <p class="ribbon">{t("app.development")}</p> : null}
    </div>
  );
}

function Header({ section }: { section: string }): JSX.Element {
  const area = section === "wallet" || section === "till" ? section : "explorer";
  const current = (name: string): "page" | undefined => (area === name ? "page" : undefined);
  return (
    <header class="top">
      <a class="skip" href="#content">
        {t("app.skip")}
      </a>
      <Link to="/" class="brand" title="TTChain">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span>TTChain</span>
      </Link>
      <nav aria-label={t("app.main")}>
        <Link to="/" aria-current={current("explorer")}>
          {t("app.explorer")}
        </Link>
        <Link to="/wallet" aria-current={current("wallet")}>
          {t("app.wallet")}
        </Link>
        <Link to="/till" aria-current={current("till")}>
          {t("app.till")}
        </Link>
      </nav>
      <div class="switches">
        <button
          type="button"
          class="quiet"
          lang={language.get() === "ko" ? "en" : "ko"}
          title={t("app.languageLabel")}
          onClick={() => setLanguage(language.get() === "ko" ? "en" : "ko")}
        >
          {t("app.language")}
        </button>
        <button type="button" class="quiet" title={t("app.themeLabel")} onClick={toggleTheme}>
          {theme.get() === "dark" ? t("app.light") : t("app.dark")}
        </button>
      </div>
    </header>
  );
}

function ExplorerBar({ path }: { path: string }): JSX.Element {
  return (
    <div class="explorer-bar">
      <SearchBox />
      <nav aria-label={t("app.more")}>
        {EXPLORER_LINKS.map(([to, key]) => (
          <Link key={to} to={to} aria-current={path === to ? "page" : undefined}>
            {t(key)}
          </Link>
        ))}
      </nav>
    </div>
  );
}

const loaded = new Map<string, Page>();

export function App(): JSX.Element {
  useStore(language);
  useStore(theme);
  const url = new URL(useStore(place), location.origin);
  const [, section = "", ...rest] = url.pathname.split("/");
  const [, setArrived] = useState(0);
  useEffect(startLive, []);
  useEffect(() => {
    if (PAGES[section] !== undefined && !loaded.has(section)) {
      void PAGES[section]().then((page) => {
        loaded.set(section, page);
        setArrived((count) => count + 1);
      });
    }
  }, [section]);
  const known = Object.hasOwn(PAGES, section);
  const Content = known ? loaded.get(section) : NotFound;
  const name = decodeURIComponent(rest.join("/"));
  const isExplorer = section !== "wallet" && section !== "till";
  if (section === "display") {
    // The customer's display is nothing but what the till shows there.
    return (
      <main id="content">{Content === undefined ? <Loading /> : <Content name={name} query={url.searchParams} />}</main>
    );
  }
  return (
    <>
      <Header section={section} />
      {isExplorer ? <ExplorerBar path={url.pathname} /> : null}
      <main id="content" class={isExplorer ? "" : "narrow"}>
        <ChainNotice />
        {Content === undefined ? (
          <Loading />
        ) : (
          <Content key={`${section}/${name}`} name={name} query={url.searchParams} />
        )}
      </main>
    </>
  );
}
