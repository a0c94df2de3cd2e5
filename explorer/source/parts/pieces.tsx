// Small pieces that every page is made of: amounts, hashes, addresses, loading and failing.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { TokenId } from "ttchain";
import { t } from "../i18n/translate.js";
import type { Loaded } from "../node.js";
import { Link } from "../router.js";
import { errorText } from "./errorText.js";
import { amountText, clockText, shortText, timeText } from "./format.js";
import { useTokenFace } from "./tokenFaces.js";

export function TokenName({ token }: { token: TokenId }): JSX.Element {
  const face = useTokenFace(token);
  // A created token's symbol proves nothing, so that part of its id stands beside it.
  const isNative = token.length < 64;
  return (
    <Link to={`/token/${token}`} class="token">
      {face?.symbol ?? shortText(token, 6)}
      {isNative ? null : <small class="mono"> {token.slice(0, 6)}</small>}
    </Link>
  );
}

export function Amount({ units, token }: { units: bigint | string; token: TokenId }): JSX.Element {
  const face = useTokenFace(token);
  return (
    <span class="amount">
      {face === undefined ? "…" : amountText(BigInt(units), face.decimals)} <TokenName token={token} />
    </span>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <button
      type="button"
      class="quiet"
      aria-label={copied ? undefined : t("app.copyOf", { what })}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{copied ? t("app.copied") : t("app.copy")}</span>
    </button>
  );
}

/** A hash or key in full, breaking where it must. */
export function Hash({ text, what, to }: { text: string; what: string; to?: string }): JSX.Element {
  return (
    <span class="hash">
      {to === undefined ? <code>{text}</code> : <Link to={to}>{<code>{text}</code>}</Link>}
      <CopyButton text={text} what={what} />
    </span>
  );
}

export function Address({ text, full = false }: { text: string; full?: boolean }): JSX.Element {
  return (
    <Link to={`/account/${text}`} title={text}>
      <code>{full ? text : shortText(text, 10)}</code>
    </Link>
  );
}

export function ContractLink({ address }: { address: string }): JSX.Element {
  return (
    <Link to={`/contract/${address}`} title={address}>
      <code>{shortText(address, 10)}</code>
    </Link>
  );
}

export function TransactionLink({ id, full = false }: { id: string; full?: boolean }): JSX.Element {
  return (
    <Link to={`/tx/${id}`} title={id}>
      <code>{full ? id : shortText(id)}</code>
    </Link>
  );
}

export function Time({ timeMs, short = false }: { timeMs: number; short?: boolean }): JSX.Element {
  return <time dateTime={new Date(timeMs).toISOString()}>{short ? clockText(timeMs) : timeText(timeMs)}</time>;
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }): JSX.Element {
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{t("app.failed")}.</strong> {errorText(error)}
      </p>
      {onRetry === undefined ? null : (
        <button type="button" onClick={onRetry}>
          {t("app.retry")}
        </button>
      )}
    </div>
  );
}

export function Loading(): JSX.Element {
  return (
    <p class="loading" role="status">
      {t("app.loading")}
    </p>
  );
}

/** Loading, failing, or what `children` makes of the value. */
export function Await<T>({
  of,
  children,
}: {
  of: Loaded<T> & { reload: () => void };
  children: (value: T) => ComponentChildren;
}): JSX.Element {
  if (of.state === "failed") {
    return <Failure error={of.error} onRetry={of.reload} />;
  }
  return <>{of.value === undefined ? <Loading /> : children(of.value)}</>;
}

/** A page's heading; it takes the focus when the page is entered, so that screen readers begin there. */
export function Heading({ children }: { children: ComponentChildren }): JSX.Element {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) {
      ref.current?.focus({ preventScroll: true });
    }
    document.title = `${ref.current?.textContent ?? ""} · TTChain`;
  });
  return (
    <h1 ref={ref} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Rows of a name and a value. */
export function Facts({ rows }: { rows: [name: string, value: ComponentChildren][] }): JSX.Element {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
