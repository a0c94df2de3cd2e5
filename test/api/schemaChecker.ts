// Checks an answer against the schema that /openapi.json gives for its route.

import { expect } from "vitest";
import type { JsonSchema } from "../../src/http/openapi/schema.js";

interface OpenApiDocument {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }> }>
  >;
  components: { schemas: Record<string, JsonSchema> };
}

export class SchemaChecker {
  private constructor(readonly document: OpenApiDocument) {}

  static async load(url: string, path = "/openapi.json"): Promise<SchemaChecker> {
    return new SchemaChecker((await (await fetch(url + path)).json()) as OpenApiDocument);
  }

  expectAnswer(method: string, route: string, answer: unknown): void {
    const schema = this.document.paths[route]?.[method]?.responses["200"]?.content?.["application/json"]?.schema;
    expect(schema, `${method} ${route} is not described`).toBeDefined();
    expect(this.problems(schema!, answer, "$")).toEqual([]);
  }

  /** Where a value differs from a schema. */
  problems(schema: JsonSchema, value: unknown, at: string): string[] {
    if (schema.$ref !== undefined) {
      return this.problems(this.document.components.schemas[schema.$ref.split("/").at(-1)!], value, at);
    }
    if (schema.oneOf !== undefined) {
      const fitting = schema.oneOf.filter((option) => this.problems(option, value, at).length === 0);
      return fitting.length === 1
        ? []
        : [`${at} fits ${fitting.length} of ${schema.oneOf.length} schemas: ${JSON.stringify(value)}`];
    }
    if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
      return [`${at} is ${JSON.stringify(value)}, not one of ${schema.enum.join(", ")}`];
    }
    switch (schema.type) {
      case "object":
        return this.objectProblems(schema, value, at);
      case "array":
        return Array.isArray(value)
          ? value.flatMap((item, i) => this.problems(schema.items ?? {}, item, `${at}[${i}]`))
          : [`${at} is no list`];
      case "string":
        return typeof value === "string" && (schema.pattern === undefined || new RegExp(schema.pattern).test(value))
          ? []
          : [`${at} is ${JSON.stringify(value)}, not a text like ${schema.pattern}`];
      case "integer":
        return Number.isInteger(value) && (value as number) >= (schema.minimum ?? -Infinity)
          ? []
          : [`${at} is no whole number`];
      case "boolean":
        return typeof value === "boolean" ? [] : [`${at} is neither true nor false`];
      case "null":
        return value === null ? [] : [`${at} is not null`];
      default:
        return [];
    }
  }

  private objectProblems(schema: JsonSchema, value: unknown, at: string): string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return [`${at} is no object`];
    }
    const { properties = {}, required = [], additionalProperties } = schema;
    const missing = required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
    const strange =
      additionalProperties === false
        ? Object.keys(value)
            .filter((name) => !(name in properties))
            .map((name) => `${at}.${name} is not described`)
        : [];
    const inner = Object.entries(value).flatMap(([name, item]) =>
      properties[name] === undefined ? [] : this.problems(properties[name], item, `${at}.${name}`),
    );
    return [...missing, ...strange, ...inner];
  }
}
