// JSON Schema, as far as the API's description uses it, and short ways to write it.

export interface JsonSchema {
  $ref?: string;
  type?: "object" | "array" | "string" | "integer" | "boolean" | "null";
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  enum?: (string | number)[];
  const?: string | number;
  oneOf?: JsonSchema[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
}

/** An object whose fields are all required, except those named with a question mark at the end. */
export function objectSchema(fields: Record<string, JsonSchema>, description?: string): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [field, schema] of Object.entries(fields)) {
    if (field.endsWith("?")) {
      properties[field.slice(0, -1)] = schema;
    } else {
      properties[field] = schema;
      required.push(field);
    }
  }
  const schema: JsonSchema = { type: "object", properties, required, additionalProperties: false };
  return description === undefined ? schema : { ...schema, description };
}

export function arrayOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

export function refTo(component: string): JsonSchema {
  return { $ref: `#/components/schemas/${component}` };
}

export const TEXT: JsonSchema = { type: "string" };
export const FLAG: JsonSchema = { type: "boolean" };
export const WHOLE: JsonSchema = { type: "integer", minimum: 0 };
export const HEX: JsonSchema = { type: "string", pattern: "^([0-9a-f]{2})*$", description: "Lower-case hex" };
export const HASH: JsonSchema = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  description: "32 bytes in lower-case hex",
};
export const AMOUNT: JsonSchema = {
  type: "string",
  pattern: "^[0-9]+$",
  description: "Units of the token's smallest part, in decimal",
};
export const ADDRESS: JsonSchema = { type: "string", pattern: "^ttc1[02-9ac-hj-np-z]{58}$", description: "bech32m" };
export const TOKEN: JsonSchema = { type: "string", pattern: "^(TTC|TTM|TTMI|[0-9a-f]{64})$" };

export function oneOfTexts(...texts: string[]): JsonSchema {
  return { type: "string", enum: texts };
}
