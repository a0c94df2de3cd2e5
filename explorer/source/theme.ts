// Light or dark: the device's choice, unless one was made here.

import { createStore } from "./store.js";

export type Theme = "light" | "dark";

const STORAGE_KEY = "ttchain.theme";
const darkWanted = matchMedia("(prefers-color-scheme: dark)");

function initialTheme(): Theme {
  const chosen = localStorage.getItem(STORAGE_KEY);
  return chosen === "light" || chosen === "dark" ? chosen : darkWanted.matches ? "dark" : "light";
}

export const theme = createStore<Theme>(initialTheme());

function apply(): void {
  document.documentElement.dataset.theme = theme.get();
}

theme.watch(apply);
apply();
darkWanted.addEventListener("change", () => {
  if (localStorage.getItem(STORAGE_KEY) === null) {
    theme.set(darkWanted.matches ? "dark" : "light");
  }
});

export function toggleTheme(): void {
  const next = theme.get() === "dark" ? "light" : "dark";
  localStorage.setItem(STORAGE_KEY, next);
  theme.set(next);
}
