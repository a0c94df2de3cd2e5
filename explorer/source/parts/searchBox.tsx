// The search field: takes whatever a person has in the clipboard and finds out what it is.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isNameText } from "ttchain";
import { t } from "../i18n/translate.js";
import { client } from "../node.js";
import { go } from "../router.js";

async function isThere(look: Promise<unknown>): Promise<boolean> {
  return look.then(
    () => true,
    () => false,
  );
}

/** The page for 64 hex digits: a block, a transaction or a token by that name, else the search page. */
async function placeOfHash(hash: string): Promise<string> {
  const [block, transaction, token] = await Promise.all([
    isThere(client.block(hash)),
    client.transaction(hash).then(
      ({ state }) => state !== "unknown",
      () => false,
    ),
    isThere(client.token(hash)),
  ]);
  if (block) {
    return `/block/${hash}`;
  }
  if (transaction) {
    return `/tx/${hash}`;
  }
  return token ? `/token/${hash}` : `/search?q=${hash}`;
}

/** Where a search text leads. */
export async function placeOfText(text: string): Promise<string> {
  const query = text.trim();
  if (/^\d{1,15}$/.test(query)) {
    return `/block/${query}`;
  }
  if (/^ttc1/i.test(query) || /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(query)) {
    const address = query.startsWith("TTC1") ? query.toLowerCase() : query;
    const isContract = await isThere(client.contract(address));
    return `/${isContract ? "contract" : "account"}/${encodeURIComponent(address)}`;
  }
  if (/^(TTC|TTM|TTMI)$/i.test(query)) {
    return `/token/${query.toUpperCase()}`;
  }
  if (isNameText(query)) {
    return `/name/${encodeURIComponent(query)}`;
  }
  const hash = query.toLowerCase().replace(/^0x/, "");
  return /^[0-9a-f]{64}$/.test(hash) ? placeOfHash(hash) : `/search?q=${encodeURIComponent(query)}`;
}

export function SearchBox(): JSX.Element {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() === "") {
      return;
    }
    setBusy(true);
    go(await placeOfText(text));
    setBusy(false);
    setText("");
  };
  return (
    <search>
      <form class="search" onSubmit={(event) => void submit(event)}>
        <input
          type="search"
          name="q"
          aria-label={t("search.label")}
          placeholder={t("search.placeholder")}
          value={text}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={busy}>
          {t("search.go")}
        </button>
      </form>
    </search>
  );
}
