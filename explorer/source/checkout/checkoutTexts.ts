// The checkout page's texts in both languages; they stand apart from the other pages' so that a buyer loads these alone.

const STORAGE_KEY = "ttchain.language";

const english = {
  heading: "Pay {store}",
  order: "Order {order}",
  part: "Part {part} of {parts}",
  choose: "Pay with",
  scan: "Scan this with your wallet",
  emv: "Show as EMV code",
  uri: "Show as payment link",
  openWallet: "Open in a wallet app",
  openHere: "Pay with this site's wallet",
  copy: "Copy the payment request",
  copied: "Copied",
  waiting: "Waiting for your payment …",
  blocks: "It can be paid for {blocks} more blocks.",
  inPart: "A part has come. Still due: {amount} {token}.",
  paid: "Paid",
  paidText: "Thank you. The payment is final.",
  overpaid: "More came than was asked. The shop can send the rest back.",
  expired: "This request has expired",
  expiredText: "Nothing was paid, and it can't be paid any more. Ask the shop for a new one.",
  endedInPart: "Only a part was paid, and the rest can't be paid any more. Ask the shop.",
  refunded: "Refunded",
  refundedText: "The shop has sent the money back.",
  refundedInPart: "The shop has sent a part of the money back.",
  back: "Back to the shop",
  lost: "The shop's server does not answer. This page tries again by itself; a payment that you made counts.",
  missing: "There is no such payment request",
  missingText: "The link may be incomplete. Ask the shop for a new one.",
  loading: "One moment …",
  transaction: "Transaction",
  language: "한국어",
};

export type CheckoutText = keyof typeof english;

const korean: Record<CheckoutText, string> = {
  heading: "{store}에 결제",
  order: "주문 {order}",
  part: "{parts}회 중 {part}회차",
  choose: "결제 수단",
  scan: "지갑으로 이 코드를 스캔하세요",
  emv: "EMV 코드로 보기",
  uri: "결제 링크로 보기",
  openWallet: "지갑 앱으로 열기",
  openHere: "이 사이트의 지갑으로 결제",
  copy: "결제 요청 복사",
  copied: "복사했습니다",
  waiting: "결제를 기다리고 있습니다 …",
  blocks: "앞으로 {blocks}개 블록 동안 결제할 수 있습니다.",
  inPart: "일부가 결제되었습니다. 남은 금액: {amount} {token}",
  paid: "결제 완료",
  paidText: "감사합니다. 결제가 확정되었습니다.",
  overpaid: "청구된 금액보다 많이 결제되었습니다. 매장에서 차액을 돌려줄 수 있습니다.",
  expired: "결제 요청이 만료되었습니다",
  expiredText: "결제된 금액이 없으며 더 이상 결제할 수 없습니다. 매장에 새 요청을 부탁하세요.",
  endedInPart: "일부만 결제되었고 나머지는 더 이상 결제할 수 없습니다. 매장에 문의하세요.",
  refunded: "환불 완료",
  refundedText: "매장에서 금액을 돌려주었습니다.",
  refundedInPart: "매장에서 금액의 일부를 돌려주었습니다.",
  back: "매장으로 돌아가기",
  lost: "매장 서버가 응답하지 않습니다. 자동으로 다시 시도하며, 이미 하신 결제는 유효합니다.",
  missing: "결제 요청을 찾을 수 없습니다",
  missingText: "링크가 완전하지 않을 수 있습니다. 매장에 새 링크를 부탁하세요.",
  loading: "잠시만 기다려 주세요 …",
  transaction: "거래",
  language: "English",
};

export type CheckoutLanguage = "en" | "ko";

export function initialLanguage(): CheckoutLanguage {
  const chosen = localStorage.getItem(STORAGE_KEY);
  const isKorean = chosen === "ko" || (chosen !== "en" && navigator.language.toLowerCase().startsWith("ko"));
  return isKorean ? "ko" : "en";
}

export function rememberLanguage(language: CheckoutLanguage): void {
  localStorage.setItem(STORAGE_KEY, language);
}

/** The text with {name} replaced by `values.name`. */
export function checkoutText(
  language: CheckoutLanguage,
  key: CheckoutText,
  values: Record<string, string | number> = {},
): string {
  const text = (language === "ko" ? korean : english)[key];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
