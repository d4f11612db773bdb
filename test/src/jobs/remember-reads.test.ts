import { expect, test } from "vitest";
import type { Outlook } from "../../../src/jobs/queue.ts";
import { rememberReads } from "../../../src/jobs/remember-reads.ts";

test("what was read is not read again for five seconds, and what was not is asked for again", async () => {
  let now = 0;
  let isDown = true;
  const asked: string[] = [];
  const outlook: Outlook = {
    async read(keys) {
      asked.push(keys.join());
      return isDown ? { kind: "unavailable", reason: "down" } : { kind: "read", values: [String(now)] };
    },
    depths: async () => ({ kind: "unavailable", reason: "down" }),
  };
  const remembered = rememberReads(outlook, { now: () => now });
  expect(await remembered.read(["a"])).toMatchObject({ kind: "unavailable" });
  isDown = false;
  await remembered.read(["a"]);
  now = 4_999;
  expect(await remembered.read(["a"])).toEqual({ kind: "read", values: ["0"] });
  await remembered.read(["b"]);
  now = 5_000;
  expect(await remembered.read(["a"])).toEqual({ kind: "read", values: ["5000"] });
  expect(asked).toEqual(["a", "a", "b", "a"]);
});
