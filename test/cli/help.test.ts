// Every command explains itself: a description, and examples that its own parser accepts.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { makeProgram } from "../../src/cli/program.js";

function allCommands(command: Command, path: string[] = []): { command: Command; path: string[] }[] {
  const children = command.commands.flatMap((child) => allCommands(child, [...path, child.name()]));
  return [{ command, path }, ...children];
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

/** The examples of a help text, without "ttchain" and what follows two spaces as a remark. */
function examplesOf(help: string): string[] {
  return [...help.matchAll(/^ {2}\$ (?:npx )?ttchain (.*)$/gm)].map((match) => match[1].split(/ {2,}/)[0]);
}

function words(example: string): string[] {
  return [...example.replace(/ <.*$/, "").matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]);
}

/** The command that an example names, and whether each of its options is one of that command's. */
function resolve(program: Command, example: string): { command: Command; unknown: string[] } {
  let command = program;
  const rest = words(example);
  for (let child = next(command, rest[0]); child !== undefined; child = next(command, rest[0])) {
    command = child;
    rest.shift();
  }
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  return { command, unknown: rest.filter((word) => word.startsWith("-") && !known.includes(word)) };
}

function next(command: Command, name: string | undefined): Command | undefined {
  return command.commands.find((child) => child.name() === name);
}

const commands = allCommands(makeProgram());

describe("the command line", () => {
  test("has the commands that the documentation names", () => {
    const names = commands.map(({ path }) => path.join(" "));
    for (const name of ["start", "status", "tx", "block", "account", "faucet", "load", "verify"]) {
      expect(names).toContain(name);
    }
    for (const name of ["new", "restore", "words", "address", "balance", "send", "history", "replace-key"]) {
      expect(names).toContain(`wallet ${name}`);
    }
    for (const name of ["create", "restore", "inspect"]) {
      expect(names).toContain(`snapshot ${name}`);
    }
    for (const name of ["create", "mint", "burn", "freeze", "unfreeze", "list", "show"]) {
      expect(names).toContain(`token ${name}`);
    }
    for (const name of ["check", "run"]) {
      expect(names).toContain(`feed ${name}`);
    }
    for (const name of ["commit", "reveal", "set", "show", "renew", "transfer", "release"]) {
      expect(names).toContain(`name ${name}`);
    }
    for (const name of ["new", "test", "gas", "trace", "deploy", "call", "view", "show", "upgrade", "list", "watch"]) {
      expect(names).toContain(`contract ${name}`);
    }
  });

  test.each(commands.map(({ command, path }) => [path.join(" ") || "ttchain", command] as const))(
    "%s has a description and an example that works",
    (name, command) => {
      expect(command.description()).not.toBe("");
      const examples = examplesOf(helpOf(command));
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        const resolved = resolve(makeProgram(), example);
        expect(resolved.unknown).toEqual([]);
        if (name !== "ttchain" && command.commands.length === 0) {
          expect(resolved.command.name()).toBe(command.name());
        }
      }
    },
  );

  test.each(
    commands
      .filter(({ command, path }) => command.commands.length === 0 && path.length > 0)
      .map(({ path, command }) => [path.join(" "), command] as const),
  )("%s prints JSON where asked", (_, command) => {
    expect(command.options.map(({ long }) => long)).toContain("--json");
  });

  test("gives what follows a command below another to that command, also where both have an option of the name", async () => {
    const data = "/nowhere/at/all";
    const words = ["node", "ttchain", "merchant", "rebuild", "--data", data];
    await expect(makeProgram().parseAsync(words)).rejects.toThrow(data);
  });

  test("refuses what it does not know without ending the process", async () => {
    const program = makeProgram().configureOutput({ writeErr: () => {} });
    await expect(program.parseAsync(["node", "ttchain", "nonsense"])).rejects.toMatchObject({
      code: "commander.unknownCommand",
    });
  });
});

test("a command whose reader goes away ends without a word", async () => {
  const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  const child = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const errors: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const [code] = await once(child, "close");
  expect({ code, errors: Buffer.concat(errors).toString() }).toEqual({ code: 0, errors: "" });
});
