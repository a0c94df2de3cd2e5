// Asks a contract's view function: nothing is signed, nothing changes.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ContractAbiJson } from "ttchain";
import { t } from "../i18n/translate.js";
import { client } from "../node.js";
import { Failure } from "../parts/pieces.js";
import { ArgumentFields } from "./argumentFields.js";
import { parseArgument, valueText } from "./contractValues.js";

export type ContractFunction = ContractAbiJson["functions"][number];

type Answer = { text: string } | { error: unknown };

export function ViewForm({ contract, view }: { contract: string; view: ContractFunction }): JSX.Element {
  const { name, parameters, returns } = view;
  const [values, setValues] = useState(parameters.map(() => ""));
  const [answer, setAnswer] = useState<Answer>();
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const args = parameters.map((parameter, index) => parseArgument(parameter, values[index]));
      setAnswer({ text: valueText(await client.viewContract(contract, name, args), returns) });
    } catch (error) {
      setAnswer({ error });
    }
  };
  return (
    <form class="form" data-testid={`view-${name}`} onSubmit={(event) => void ask(event)}>
      <h3>
        <code>{name}</code> {returns === undefined ? null : <small class="muted">→ {returns}</small>}
      </h3>
      <ArgumentFields parameters={parameters} values={values} onChange={setValues} />
      <button type="submit">{t("contract.ask")}</button>
      {answer !== undefined && "error" in answer ? <Failure error={answer.error} /> : null}
      <div role="status">
        {answer !== undefined && "text" in answer ? <pre class="break">{answer.text}</pre> : null}
      </div>
    </form>
  );
}
