import { expect, test } from "vitest";
import { openAudit } from "../../../worker/audit/open-audit.ts";
import { collectLog } from "../../log.ts";
import { actOf } from "./act-of.ts";
import { readEntries, temporaryFolder } from "./chains.ts";

test("without ClaudeTools, records stay on the disk until there is one", async () => {
  const dir = await temporaryFolder();
  const { log } = collectLog();
  const offline = await openAudit({ dir, deliver: undefined, log, secrets: [] });
  await offline.audit.refused(actOf(), "NO_ROLE");
  expect(offline.status()).toEqual({ unwritten: 0 });
  await offline.close();

  const delivered: string[] = [];
  const deliver = async ({ entry }: { entry: { kind: string } }) => {
    delivered.push(entry.kind);
    return "taken" as const;
  };
  const online = await openAudit({ dir, deliver, log, secrets: [] });
  await expect
    .poll(() => online.status(), { timeout: 20_000 })
    .toEqual({ unwritten: 0, delivery: { waiting: 0 } });
  await online.close();
  expect(delivered).toEqual(["opened", "refusal", "opened"]);
  expect((await readEntries(dir)).map(({ kind }) => kind)).toEqual(delivered);
});

test("a worker that could not write audit records is told what to do", async () => {
  const { log } = collectLog();
  const opening = openAudit({ dir: "/dev/null/audit", deliver: undefined, log, secrets: [] });
  await expect(opening).rejects.toMatchObject({
    code: "AUDIT_NOT_WRITTEN",
    message: expect.stringContaining("DATA_DIR"),
  });
});
