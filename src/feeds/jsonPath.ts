// The way to a value in JSON: names joined by dots, places of lists in brackets, such as data.items[0].price.

export type PathStep = string | number;

const STEP = /^(?:\.?([A-Za-z_][\w-]*)|\[(\d{1,6})\])/;

/** The steps; undefined where the text is no path. */
export function parsePath(text: string): PathStep[] | undefined {
  const steps: PathStep[] = [];
  let rest = text;
  while (rest !== "") {
    const match = STEP.exec(rest);
    if (match === null || (steps.length === 0 && rest.startsWith("."))) {
      return undefined;
    }
    steps.push(match[1] ?? Number(match[2]));
    rest = rest.slice(match[0].length);
    if (rest !== "" && !rest.startsWith(".") && !rest.startsWith("[")) {
      return undefined;
    }
  }
  return steps.length === 0 ? undefined : steps;
}

/** What stands at the path; undefined where the JSON has no such place. */
export function valueAt(json: unknown, path: readonly PathStep[]): unknown {
  let value = json;
  for (const step of path) {
    const isList = Array.isArray(value);
    const fits = typeof step === "number" ? isList : typeof value === "object" && value !== null && !isList;
    if (!fits || !Object.hasOwn(value as object, step)) {
      return undefined;
    }
    value = (value as Record<PathStep, unknown>)[step];
  }
  return value;
}
