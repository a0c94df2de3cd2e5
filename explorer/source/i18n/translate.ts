// Which language the pages speak: the one chosen here before, else the browser's. Texts never hold markup.

import { createStore } from "../store.js";
import { contractEnglish } from "./contractEnglish.js";
import { contractKorean } from "./contractKorean.js";
import { type TextKey as ExplorerKey, english } from "./english.js";
import { korean } from "./korean.js";
import { payEnglish } from "./payEnglish.js";
import { payKorean } from "./payKorean.js";
import { terminalEnglish } from "./terminalEnglish.js";
import { terminalKorean } from "./terminalKorean.js";
import { votesEnglish } from "./votesEnglish.js";
import { votesKorean } from "./votesKorean.js";

export type Language = "en" | "ko";
export type TextKey =
  | ExplorerKey
  | keyof typeof payEnglish
  | keyof typeof contractEnglish
  | keyof typeof votesEnglish
  | keyof typeof terminalEnglish;

const STORAGE_KEY = "ttchain.language";

const texts: Record<Language, Record<TextKey, string>> = {
  en: { ...english, ...payEnglish, ...contractEnglish, ...votesEnglish, ...terminalEnglish },
  ko: { ...korean, ...payKorean, ...contractKorean, ...votesKorean, ...terminalKorean },
};

function initialLanguage(): Language {
  const chosen = localStorage.getItem(STORAGE_KEY);
  if (chosen === "en" || chosen === "ko") {
    return chosen;
  }
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

export const language = createStore<Language>(initialLanguage());
document.documentElement.lang = language.get();

export function setLanguage(next: Language): void {
  localStorage.setItem(STORAGE_KEY, next);
  document.documentElement.lang = next;
  language.set(next);
}

/** The text in the present language, with {name} replaced by `values.name`. */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  return texts[language.get()][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export function hasText(key: string): key is TextKey {
  return Object.hasOwn(texts.en, key);
}
