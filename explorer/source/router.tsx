// Addresses of the pages: the path says which page, links change it without loading anything anew.

import type { ComponentChildren, JSX } from "preact";
import { createStore } from "./store.js";

/** Path and query of the present page. */
export const place = createStore(location.pathname + location.search);

addEventListener("popstate", () => place.set(location.pathname + location.search));

export function go(path: string, { replace = false } = {}): void {
  if (replace) {
    history.replaceState(null, "", path);
  } else {
    history.pushState(null, "", path);
    scrollTo(0, 0);
  }
  place.set(path);
}

interface LinkProps {
  to: string;
  class?: string;
  title?: string;
  "aria-current"?: "page" | undefined;
  children: ComponentChildren;
}

/** A link within the pages; a modified click opens it as browsers do. */
export function Link({ to, children, ...rest }: LinkProps): JSX.Element {
  const onClick = (event: MouseEvent): void => {
    if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      go(to);
    }
  };
  return (
    <a href={to} onClick={onClick} {...rest}>
      {children}
    </a>
  );
}
