// The chain's parameters, as they stand in its state.

import type { JSX } from "preact";
import type { ChainParameters } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { amountText, numberText } from "../parts/format.js";
import { Await, Heading } from "../parts/pieces.js";
import { ProposalTable } from "../parts/proposalTable.js";

function valueText(name: string, value: number | bigint): string {
  if (typeof value === "bigint") {
    return `${amountText(value, 8)} TTC`;
  }
  if (name.endsWith("BasisPoints")) {
    return `${numberText(value / 100, 2)} %`;
  }
  return name.endsWith("Ms") ? `${numberText(value)} ms` : numberText(value);
}

function Rows({ parameters }: { parameters: ChainParameters }): JSX.Element {
  const { quotes, rdpos, names, gas, ...plain } = parameters;
  const prices = Object.fromEntries(Object.entries(gas).map(([name, price]) => [`gas.${name}`, price]));
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("parameters.name")}</th>
            <th scope="col" class="number">
              {t("parameters.value")}
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries({ ...plain, ...rdpos, ...names, ...prices }).map(([name, value]) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              <td class="number">{valueText(name, value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{t("parameters.quotes")}</h2>
      <ul>
        {quotes.map((quote) => (
          <li key={quote.token}>
            {t("parameters.quoteLine", {
              units: quote.units.toString(),
              token: quote.token,
              ttc: amountText(quote.ttcUnits, 8),
            })}
          </li>
        ))}
      </ul>
    </>
  );
}

export function ParametersPage(): JSX.Element {
  const parameters = useLoad(() => client.parameters(), []);
  const proposals = useLoad(() => client.proposals(), []);
  return (
    <>
      <Heading>{t("parameters.title")}</Heading>
      <p class="muted">{t("parameters.explain")}</p>
      <Await of={parameters}>{(found) => <Rows parameters={found} />}</Await>
      <h2>{t("proposals.title")}</h2>
      <Await of={proposals}>{(found) => <ProposalTable found={found} />}</Await>
    </>
  );
}
