// What the delegates found when a contract was registered: each of its own tests, run in the sandbox before it could exist.

import type { JSX } from "preact";
import type { ContractJson } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { numberText } from "../parts/format.js";
import { Await, TransactionLink } from "../parts/pieces.js";

/** Pages of the contract's history that are read to find its registration, its oldest entry. */
const PAGES_MAX = 20;
const ENTRIES_A_PAGE = 100;

interface TestResult {
  kind: string;
  name: string;
  passed: boolean;
  gasUsed: number;
  message: string;
}

async function registrationOf({ address }: ContractJson): Promise<{ id: string; tests: TestResult[] } | undefined> {
  let before: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await client.historyPage(address, {
      limit: ENTRIES_A_PAGE,
      ...(before === undefined ? {} : { before }),
    });
    const entry = found.entries.find(({ kind, code }) => kind === "registerContract" && code === "OK");
    if (entry !== undefined) {
      const { receipt } = await client.transaction(entry.id);
      const events = (receipt?.events ?? []) as unknown as TestResult[];
      return { id: entry.id, tests: events.filter(({ kind }) => kind === "contractTest") };
    }
    before = found.next;
    if (before === undefined) {
      break;
    }
  }
  return undefined;
}

export function SandboxReport({ contract }: { contract: ContractJson }): JSX.Element {
  const found = useLoad(() => registrationOf(contract), [contract.address]);
  return (
    <Await of={found}>
      {(registration) =>
        registration === undefined ? (
          <p class="muted">{t("contract.reportFar")}</p>
        ) : (
          <>
            <p>
              {t("contract.registeredBy")} <TransactionLink id={registration.id} />
            </p>
            {registration.tests.length === 0 ? (
              <p>{t("contract.testsPassed")}</p>
            ) : (
              <ul data-testid="sandbox-report">
                {registration.tests.map(({ name, passed, gasUsed, message }) => (
                  <li key={name}>
                    <span class={`pill ${passed ? "ok" : "bad"}`}>
                      {passed ? t("contract.passed") : t("contract.failed")}
                    </span>{" "}
                    <bdi>{name}</bdi> <small class="muted">{t("contract.gas", { gas: numberText(gasUsed) })}</small>{" "}
                    <bdi>{message}</bdi>
                  </li>
                ))}
              </ul>
            )}
          </>
        )
      }
    </Await>
  );
}
