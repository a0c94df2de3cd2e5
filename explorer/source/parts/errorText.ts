// What went wrong, said to a person. Codes that people meet have a sentence in both languages; others keep the SDK's English one.

import { CodedError, NodeUnreachableError } from "ttchain";
import { hasText, t } from "../i18n/translate.js";

/** The sentence for an error's code; undefined where there is none. */
export function codeText(code: string): string | undefined {
  const key = `code.${code}`;
  return hasText(key) ? t(key) : undefined;
}

export function errorText(error: unknown): string {
  if (error instanceof NodeUnreachableError) {
    return t("app.unreachable");
  }
  if (error instanceof CodedError) {
    const own = codeText(error.code);
    const { positions } = error.details;
    if (error.code === "BAD_ADDRESS" && positions !== undefined) {
      return t("code.BAD_ADDRESS.positions", { positions });
    }
    return own ?? `${error.message} (${error.code})`;
  }
  return error instanceof Error ? error.message : String(error);
}
