// Making or restoring a wallet: words, a check that they were written down, a passphrase for this device.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { checkMnemonic, newMnemonic } from "ttchain";
import { t } from "../i18n/translate.js";
import { Heading } from "../parts/pieces.js";
import { createWallet } from "./vault.js";
import { WordsCheck } from "./wordsCheck.js";

const PASSPHRASE_CHARACTERS_MIN = 10;

type Step =
  | { name: "begin" | "restore" }
  | { name: "words" | "check"; mnemonic: string }
  | { name: "passphrase"; mnemonic: string };

function Words({ mnemonic, onNext }: { mnemonic: string; onNext: () => void }): JSX.Element {
  return (
    <>
      <h2>{t("wallet.wordsTitle")}</h2>
      <p class="notice warn">{t("wallet.wordsWarn")}</p>
      <ol class="words" data-testid="words" translate={false}>
        {mnemonic.split(" ").map((word, index) => (
          <li key={index}>{word}</li>
        ))}
      </ol>
      <button type="button" class="primary" onClick={onNext}>
        {t("wallet.wordsWritten")}
      </button>
    </>
  );
}

function Restore({ onNext }: { onNext: (mnemonic: string) => void }): JSX.Element {
  const [problem, setProblem] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      onNext(checkMnemonic(String(form.get("words"))));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form class="form" onSubmit={submit}>
      <label>
        {t("wallet.restoreWords")}
        <textarea name="words" rows={5} required autocomplete="off" autocapitalize="none" spellcheck={false} />
      </label>
      {problem === "" ? null : (
        <p role="alert" class="notice bad">
          {problem}
        </p>
      )}
      <button type="submit" class="primary">
        {t("wallet.next")}
      </button>
    </form>
  );
}

function Passphrase({ mnemonic }: { mnemonic: string }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const passphrase = String(form.get("passphrase"));
    if (passphrase.length < PASSPHRASE_CHARACTERS_MIN) {
      setProblem(t("wallet.passphraseShort"));
    } else if (passphrase !== form.get("again")) {
      setProblem(t("wallet.passphraseDiffers"));
    } else {
      setBusy(true);
      await createWallet(mnemonic, passphrase);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <h2>{t("wallet.passphraseTitle")}</h2>
      <p class="muted" id="passphrase-hint">
        {t("wallet.passphraseHint")}
      </p>
      <label>
        {t("wallet.passphrase")}
        <input
          type="password"
          name="passphrase"
          required
          autocomplete="new-password"
          aria-describedby="passphrase-hint"
        />
      </label>
      <label>
        {t("wallet.passphraseAgain")}
        <input type="password" name="again" required autocomplete="new-password" />
      </label>
      {problem === "" ? null : (
        <p role="alert" class="notice bad">
          {problem}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? t("wallet.working") : t("wallet.encrypt")}
      </button>
    </form>
  );
}

export function Welcome(): JSX.Element {
  const [step, setStep] = useState<Step>({ name: "begin" });
  return (
    <>
      <Heading>{t("wallet.title")}</Heading>
      {step.name === "begin" ? (
        <>
          <p>{t("wallet.intro")}</p>
          <p class="actions">
            <button type="button" class="primary" onClick={() => setStep({ name: "words", mnemonic: newMnemonic() })}>
              {t("wallet.create")}
            </button>
            <button type="button" onClick={() => setStep({ name: "restore" })}>
              {t("wallet.restore")}
            </button>
          </p>
        </>
      ) : null}
      {step.name === "words" ? (
        <Words mnemonic={step.mnemonic} onNext={() => setStep({ ...step, name: "check" })} />
      ) : null}
      {step.name === "check" ? (
        <WordsCheck
          mnemonic={step.mnemonic}
          onBack={() => setStep({ ...step, name: "words" })}
          onNext={() => setStep({ ...step, name: "passphrase" })}
        />
      ) : null}
      {step.name === "restore" ? <Restore onNext={(mnemonic) => setStep({ name: "passphrase", mnemonic })} /> : null}
      {step.name === "passphrase" ? <Passphrase mnemonic={step.mnemonic} /> : null}
    </>
  );
}
