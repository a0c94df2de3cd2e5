// A day's statement as one HTML page that prints: no script, nothing loaded from elsewhere. Names of strangers are text, never markup.

import { ZoneDays } from "../../history/payments/zoneDays.js";
import { formatAddress } from "../../protocol/address.js";
import type { TokenId } from "../../protocol/tokens.js";
import type { DayStatement } from "./dayStatement.js";
import type { Purpose } from "./posting.js";
import { amountOf } from "./statementCsv.js";

export type PageLanguage = "en" | "ko";

interface Words {
  title: string;
  open: string;
  opening: string;
  closing: string;
  token: string;
  amount: string;
  won: string;
  count: string;
  till: string;
  staff: string;
  upTo: string;
  nothing: string;
  rule: string;
  purposes: Record<Purpose, string>;
}

const WORDS: Record<PageLanguage, Words> = {
  en: {
    title: "Statement of the day",
    open: "This day is not closed: more may come.",
    opening: "Held before",
    closing: "Held after",
    token: "Token",
    amount: "Amount",
    won: "Won at the time",
    count: "Count",
    till: "Till",
    staff: "Staff",
    upTo: "Up to block",
    nothing: "Nothing moved on this day.",
    rule: "Won: each payment at the chain's quote in its block, rounded down to whole won. What is held after: at the day's last quote.",
    purposes: {
      sale: "Sales",
      refund: "Refunds",
      mileageRedeemed: "Mileage redeemed",
      mileageGiven: "Mileage given",
      unreferenced: "Without reference",
      paidOut: "Paid out",
      issued: "Issued",
      burned: "Burned",
      contract: "By contracts",
      fee: "Fees",
      deposit: "Deposits",
      other: "Other",
    },
  },
  ko: {
    title: "일일 정산서",
    open: "아직 마감되지 않은 날입니다. 내용이 더해질 수 있습니다.",
    opening: "이전 잔액",
    closing: "이후 잔액",
    token: "토큰",
    amount: "금액",
    won: "당시 원화 가치",
    count: "건수",
    till: "계산대",
    staff: "직원",
    upTo: "마지막 블록",
    nothing: "이 날에는 거래가 없습니다.",
    rule: "원화: 각 결제가 담긴 블록의 체인 시세로 계산하고 원 미만은 버립니다. 이후 잔액은 그날 마지막 시세로 계산합니다.",
    purposes: {
      sale: "매출",
      refund: "환불",
      mileageRedeemed: "마일리지 사용",
      mileageGiven: "마일리지 적립",
      unreferenced: "참조 없는 입금",
      paidOut: "지급",
      issued: "발행",
      burned: "소각",
      contract: "컨트랙트",
      fee: "수수료",
      deposit: "보증금",
      other: "기타",
    },
  },
};

const STYLE =
  "body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;color:#111}table{border-collapse:collapse;width:100%;margin:1em 0}" +
  "th,td{border-bottom:1px solid #bbb;padding:.3em .6em;text-align:left}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}" +
  ".open{border:2px solid #a00;padding:.5em}@media print{body{margin:0}}";

function text(value: string | number | bigint): string {
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function shortToken(token: TokenId): string {
  return token.length > 8 ? `${token.slice(0, 8)}…` : token;
}

function row(cells: readonly (string | number | bigint)[], numbersFrom: number, tag: "td" | "th"): string {
  const shown = cells.map((cell, i) => `<${tag}${i >= numbersFrom ? ' class="n"' : ""}>${text(cell)}</${tag}>`);
  return `<tr>${shown.join("")}</tr>`;
}

export function statementPage(statement: DayStatement, language: PageLanguage): string {
  const { store, day, closed, heightLast, holdings, lines, fromMs, toMs } = statement;
  const words = WORDS[language];
  const zone = new ZoneDays(store.timeZone);
  const number = (units: bigint, token: TokenId): string => amountOf(store, token, units).toString();
  const won = (value: bigint | undefined): string => (value === undefined ? "–" : value.toString());
  const holdingRows = holdings.map(({ token, opening, closing, closingWon }) =>
    row([shortToken(token), number(opening, token), number(closing, token), won(closingWon)], 1, "td"),
  );
  const lineRows = lines.map((line) => {
    const { purpose, till, staff, token, count, units } = line;
    const who = [
      till === 0 ? "" : (store.tills.get(till) ?? till),
      staff === 0 ? "" : (store.staff.get(staff) ?? staff),
    ];
    return row(
      [words.purposes[purpose], ...who, shortToken(token), count, number(units, token), won(line.won)],
      4,
      "td",
    );
  });
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${text(`${store.name} ${day}`)}</title><style>${STYLE}</style></head><body>
<h1>${words.title}</h1>
<p>${text(store.name)}<br>${text(formatAddress(store.address))}<br>${day}: ${text(`${zone.localTime(fromMs)} – ${zone.localTime(toMs)} ${store.timeZone}`)}<br>${words.upTo} ${heightLast}</p>
${closed ? "" : `<p class="open">${words.open}</p>\n`}<table>${row([words.token, words.opening, words.closing, words.won], 1, "th")}${holdingRows.join("")}</table>
<table>${row(["", words.till, words.staff, words.token, words.count, words.amount, words.won], 4, "th")}${lineRows.join("")}</table>
${lines.length === 0 ? `<p>${words.nothing}</p>\n` : ""}<p>${words.rule}</p>
</body></html>
`;
}
