// Asks some of the 24 words back, so that nobody clicks past writing them down.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";

const ASKED = 4;

/** Different places from 1 to `count`, ascending. */
function choosePlaces(count: number): number[] {
  const places = new Set<number>();
  while (places.size < ASKED) {
    places.add((crypto.getRandomValues(new Uint32Array(1))[0] % count) + 1);
  }
  return [...places].sort((a, b) => a - b);
}

interface WordsCheckProps {
  mnemonic: string;
  onBack: () => void;
  onNext: () => void;
}

export function WordsCheck({ mnemonic, onBack, onNext }: WordsCheckProps): JSX.Element {
  const words = mnemonic.split(" ");
  const [places] = useState(() => choosePlaces(words.length));
  const [wrong, setWrong] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const isRight = places.every((place) => {
      const given = String(form.get(`word-${place}`))
        .trim()
        .toLowerCase();
      return given === words[place - 1];
    });
    setWrong(!isRight);
    if (isRight) {
      onNext();
    }
  };
  return (
    <form class="form" onSubmit={submit} autocomplete="off">
      <h2>{t("wallet.checkTitle")}</h2>
      {places.map((place) => (
        <label key={place}>
          {t("wallet.checkWord", { number: place })}
          <input name={`word-${place}`} data-place={place} required autocapitalize="none" spellcheck={false} />
        </label>
      ))}
      {wrong ? (
        <p role="alert" class="notice bad">
          {t("wallet.checkWrong")}
        </p>
      ) : null}
      <p class="actions">
        <button type="submit" class="primary">
          {t("wallet.checkGo")}
        </button>
        <button type="button" onClick={onBack}>
          {t("app.back")}
        </button>
      </p>
    </form>
  );
}
