// Who may write from a browser. Reading is open to pages of every origin; submitting only to pages of the node's own origin
// and of those that the operator allows, so that a stranger's page can't make visitors' browsers load a node at home.

/** The origin that a page came from, and the host that its request names; empty where the client sent none. */
export interface RequestOrigin {
  origin: string;
  host: string;
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/** Programs other than browsers send no origin and may write. */
export function mayWrite({ origin, host }: RequestOrigin, allowed: readonly string[]): boolean {
  return origin === "" || allowed.includes("*") || allowed.includes(origin) || hostOf(origin) === host.toLowerCase();
}
