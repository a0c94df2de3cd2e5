import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Disk } from "../../src/base/disk.js";
import { nodeDisk } from "../../src/base/disk.js";
import { SeededRandom } from "../../src/base/random.js";
import { SimulatedDisk } from "../storage/simulatedDisk.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "disk-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

// What holds of the machine's disk holds of the simulated one, or tests over that would prove nothing.
describe.each([
  ["machine's", () => nodeDisk],
  ["simulated", () => new SimulatedDisk(new SeededRandom(1))],
] as [string, () => Disk][])("the %s disk", (_name, makeDisk) => {
  test("appends, reads and cuts", async () => {
    const disk = makeDisk();
    const path = join(directory, "file");
    let file = await disk.open(path, "create");
    await file.append([bytes(1, 2), bytes(), bytes(3)]);
    await file.append([]);
    await file.append([bytes(4)]);
    await file.sync();
    expect(file.size).toBe(4);
    expect(await file.readAt(1, 2)).toEqual(bytes(2, 3));
    expect(await file.readAt(3, 10)).toEqual(bytes(4));
    expect(await file.readAt(9, 10)).toEqual(bytes());
    await file.truncate(2);
    await file.append([bytes(9)]);
    await file.close();
    file = await disk.open(path, "readWrite");
    expect(await file.readAt(0, 100)).toEqual(bytes(1, 2, 9));
    await file.append([bytes(10)]);
    expect(await file.readAt(2, 2)).toEqual(bytes(9, 10));
    await file.close();
  });

  test("creates, renames, lists and removes", async () => {
    const disk = makeDisk();
    const inside = join(directory, "a", "b");
    await disk.makeDirectory(inside);
    await disk.makeDirectory(inside);
    for (const name of ["one", "two"]) {
      const file = await disk.open(join(inside, name), "create");
      await file.append([bytes(name.length)]);
      await file.close();
    }
    await expect(disk.open(join(inside, "one"), "create")).rejects.toMatchObject({ code: "EEXIST" });
    await disk.rename(join(inside, "one"), join(inside, "two"));
    await disk.rename(join(inside, "two"), join(inside, "three"));
    await disk.syncDirectory(inside);
    expect(await disk.list(inside)).toEqual(["three"]);
    await expect(disk.open(join(inside, "one"), "read")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(disk.open(join(inside, "one"), "readWrite")).rejects.toMatchObject({ code: "ENOENT" });
    await disk.remove(join(inside, "three"));
    await disk.remove(join(inside, "three"));
    expect(await disk.list(inside)).toEqual([]);
  });
});
