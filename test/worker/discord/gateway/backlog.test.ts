import { expect, test } from "vitest";
import { createBacklog } from "../../../../worker/discord/gateway/backlog.ts";

/** Tasks that end when they are told to. */
function tasks() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve) => void ends.set(name, resolve));
  };
  return { begun, task, end: (name: string) => ends.get(name)?.() };
}

test("tasks of one key run one after the other, those of others beside them", async () => {
  const { begun, task, end } = tasks();
  const backlog = createBacklog({ concurrency: 4, limit: 10 });
  for (const [key, name] of [
    ["a", "a1"],
    ["a", "a2"],
    ["b", "b1"],
  ] as const) {
    backlog.add(key, task(name));
  }
  expect(begun).toEqual(["a1", "b1"]);
  end("a1");
  await expect.poll(() => begun).toEqual(["a1", "b1", "a2"]);
});

test("no more run at once than may, and no more wait", () => {
  const { begun, task } = tasks();
  const backlog = createBacklog({ concurrency: 2, limit: 3 });
  const taken = Array.from({ length: 100 }, (_, index) => backlog.add(`key-${index}`, task(`${index}`)));
  expect(taken.filter(Boolean)).toHaveLength(5);
  expect(begun).toHaveLength(2);
  expect(backlog.size()).toBe(5);
});

test("it is drained when the last task has ended, also one that had waited", async () => {
  const { task, end } = tasks();
  const backlog = createBacklog({ concurrency: 1, limit: 10 });
  backlog.add("a", task("first"));
  backlog.add("b", task("second"));
  let drained = false;
  const done = backlog.drained().then(() => {
    drained = true;
  });
  end("first");
  await expect.poll(() => backlog.size()).toBe(1);
  expect(drained).toBe(false);
  end("second");
  await done;
  expect(backlog.size()).toBe(0);
});
