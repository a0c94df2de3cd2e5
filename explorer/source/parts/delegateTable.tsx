// Delegates of a round in the order of their set, with what each did in it.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { Link } from "../router.js";
import { numberText, shortText } from "./format.js";

export interface DelegateRow {
  /** Hex; undefined where it is not known any more. */
  key: string | undefined;
  /** The candidate behind the key; undefined for those of genesis, and beyond the list's first page. */
  candidate: { address: string; name: string } | undefined;
  /** Undefined where it is not known any more. */
  power: number | undefined;
  proposed: number;
  signed: number;
  missed: number;
}

interface DelegateTableProps {
  testId: string;
  delegates: DelegateRow[];
  /** Index of the one whose turn is next. */
  next?: number;
}

function Key({ delegate: { key, candidate } }: { delegate: DelegateRow }): JSX.Element {
  return (
    <td>
      {candidate === undefined ? null : (
        <Link to={`/candidate/${candidate.address}`}>
          <bdi>{candidate.name}</bdi>
        </Link>
      )}{" "}
      <code title={key}>{shortText(key ?? "", 12)}</code>
    </td>
  );
}

export function DelegateTable({ testId, delegates, next }: DelegateTableProps): JSX.Element {
  const hasKeys = delegates.some(({ key }) => key !== undefined);
  return (
    <table data-testid={testId}>
      <thead>
        <tr>
          <th scope="col">{t("delegates.index")}</th>
          {hasKeys ? <th scope="col">{t("delegates.key")}</th> : null}
          {hasKeys ? (
            <th scope="col" class="number wide">
              {t("delegates.power")}
            </th>
          ) : null}
          <th scope="col" class="number">
            {t("delegates.proposed")}
          </th>
          <th scope="col" class="number">
            {t("delegates.signed")}
          </th>
          <th scope="col" class="number">
            {t("round.missed")}
          </th>
        </tr>
      </thead>
      <tbody>
        {delegates.map((delegate, index) => (
          <tr key={index}>
            <td>
              {index + 1} {index === next ? <span class="pill ok">{t("delegates.next")}</span> : null}
            </td>
            {hasKeys ? <Key delegate={delegate} /> : null}
            {hasKeys ? <td class="number wide">{numberText(delegate.power ?? 0)}</td> : null}
            <td class="number">{numberText(delegate.proposed)}</td>
            <td class="number">{numberText(delegate.signed)}</td>
            <td class="number">{numberText(delegate.missed)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
