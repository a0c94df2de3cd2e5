// Contacts: add, pay, delete.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { parseAddress } from "ttchain";
import { t } from "../i18n/translate.js";
import { errorText } from "../parts/errorText.js";
import { Address } from "../parts/pieces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";
import { contacts, deleteContact, saveContact } from "./contacts.js";

const NAME_CHARACTERS_MAX = 40;

export function Contacts(): JSX.Element {
  const list = useStore(contacts);
  const [problem, setProblem] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const element = event.currentTarget as HTMLFormElement;
    const form = new FormData(element);
    const name = String(form.get("name")).trim();
    const address = String(form.get("address")).trim().toLowerCase();
    try {
      parseAddress(String(form.get("address")));
      saveContact({ name, address });
      setProblem("");
      element.reset();
    } catch (error) {
      setProblem(errorText(error));
    }
  };
  return (
    <>
      {list.length === 0 ? <p class="muted">{t("contacts.none")}</p> : null}
      <ul class="contacts">
        {list.map(({ name, address }) => (
          <li key={name}>
            <bdi>{name}</bdi> <Address text={address} />{" "}
            <Link to={`/wallet/send?to=${address}`}>{t("contacts.pay")}</Link>{" "}
            <button
              type="button"
              class="quiet"
              aria-label={`${t("app.delete")}: ${name}`}
              onClick={() => deleteContact(name)}
            >
              {t("app.delete")}
            </button>
          </li>
        ))}
      </ul>
      <form class="form" onSubmit={submit}>
        <label>
          {t("contacts.name")}
          <input name="name" required maxLength={NAME_CHARACTERS_MAX} autocomplete="off" />
        </label>
        <label>
          {t("contacts.address")}
          <input name="address" required autocomplete="off" spellcheck={false} />
        </label>
        {problem === "" ? null : (
          <p role="alert" class="notice bad">
            {problem}
          </p>
        )}
        <button type="submit">{t("contacts.add")}</button>
      </form>
    </>
  );
}
