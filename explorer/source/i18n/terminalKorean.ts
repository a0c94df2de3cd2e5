// Korean texts of the till's terminal.

import type { terminalEnglish } from "./terminalEnglish.js";

export const terminalKorean: Record<keyof typeof terminalEnglish, string> = {
  "terminal.title": "단말기",
  "terminal.kind": "기기",
  "terminal.browser": "이 컴퓨터의 실제 기기",
  "terminal.simulated": "모의 단말기 (기기 없음)",
  "terminal.paper": "용지",
  "terminal.paper48": "80 mm (48자)",
  "terminal.paper32": "58 mm (32자)",
  "terminal.usbPrinter": "USB 프린터 연결",
  "terminal.serialPrinter": "시리얼 프린터 연결",
  "terminal.serialScanner": "시리얼 스캐너 연결",
  "terminal.keyboardScanner": "키보드처럼 입력하는 스캐너는 바로 쓸 수 있습니다.",
  "terminal.display": "고객용 화면 열기",
  "terminal.connected": "연결됨: {name}",
  "terminal.failed": "기기를 쓸 수 없습니다: {reason}",
  "terminal.printed": "인쇄됨",
  "terminal.welcome": "어서 오세요",
  "terminal.pleasePay": "스캔해서 결제해 주세요",
  "terminal.thanks": "결제되었습니다. 감사합니다!",
  "terminal.over": "이 청구서는 끝났습니다.",
  "terminal.screen": "고객용 화면",
  "terminal.receipts": "인쇄한 영수증: {count}",
  "terminal.give": "스캔할 코드",
  "terminal.giveGo": "스캔",
  "terminal.unknownCode": "이 계산대에는 그 코드의 판매가 없습니다.",
  "offline.noSales":
    "네트워크 없음: 결제되었는지 알 수 없으므로 판매를 멈췄습니다. 환불은 적어 두었다가 나중에 보낼 수 있습니다.",
  "offline.connecting": "노드를 찾는 중 …",
  "offline.queue": "환불 적어 두기",
  "offline.queueText": "네트워크가 없습니다. 환불을 이 기기에 적어 두고 네트워크와 지갑이 돌아오면 보냅니다.",
  "offline.waiting": "네트워크나 열린 지갑을 기다리는 환불",
  "offline.waits": "대기 중",
  "offline.sendNow": "지금 보내기",
};
