// The fields of a function's parameters, one each.

import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { t } from "../i18n/translate.js";
import type { Parameter } from "./contractValues.js";

interface ArgumentFieldsProps {
  parameters: readonly Parameter[];
  values: string[];
  onChange: (values: string[]) => void;
}

function Field({ parameter, value, onText }: { parameter: Parameter; value: string; onText: (text: string) => void }) {
  const { name, type, isOptional } = parameter;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        {name}{" "}
        <small class="muted">
          {type}
          {isOptional ? `, ${t("contract.optional")}` : ""}
        </small>
      </label>
      {type === "boolean" ? (
        <select id={id} value={value} onChange={(event) => onText(event.currentTarget.value)}>
          <option value="" />
          <option>true</option>
          <option>false</option>
        </select>
      ) : (
        <input
          id={id}
          autocomplete="off"
          spellcheck={false}
          required={!isOptional && type !== "string"}
          value={value}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

export function ArgumentFields({ parameters, values, onChange }: ArgumentFieldsProps): JSX.Element {
  return (
    <>
      {parameters.map((parameter, index) => (
        <Field
          key={parameter.name}
          parameter={parameter}
          value={values[index]}
          onText={(text) => onChange(values.map((old, i) => (i === index ? text : old)))}
        />
      ))}
    </>
  );
}
