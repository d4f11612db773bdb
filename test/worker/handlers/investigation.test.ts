import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createJob } from "../../../src/jobs/contract.ts";
import type { Store } from "../../../src/store/store.ts";
import { createCases } from "../../../worker/cases/cases.ts";
import { createInvestigation } from "../../../worker/handlers/investigation.ts";
import type { Toolkit } from "../../../worker/toolkit/toolkit.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { APPLICATION, CHANNEL, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../../interactions.ts";
import { collectLog } from "../../log.ts";

const jobs = useEmbeddedJobs();
const TENANT_ID = "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21";

const leavesNothing: Toolkit = {
  kind: "foreign",
  name: "empty",
  version: "1",
  inspect: async () => ({ version: "1", programs: [], missing: [] }),
  resolveTenant: async () => TENANT_ID,
  investigate: async () => ({
    run: { ending: { kind: "exited", code: 0 }, durationMs: 1, transcript: "", survivors: 0 },
    artifacts: [],
    leftOut: [],
  }),
};

test("a check whose store does not answer meanwhile keeps its result", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "investigation-"));
  const whole = jobs().store;
  const away = () => Promise.reject(new Error("Command timed out"));
  const store: Store = { ...whole, get: away, set: away };
  const { log, lines } = collectLog();
  const work = { kind: "breach-check", tenant: "contoso.com", upn: "adele@contoso.com" } as const;
  const interaction = {
    id: snowflake(),
    applicationId: APPLICATION,
    interactionToken: "token",
    guildId: GUILD,
    channelId: CHANNEL,
    userId: TECH_USER,
    roleIds: [TECH_ROLE],
    ephemeral: false,
    attachmentLimitBytes: 10_000_000,
  };
  try {
    const investigate = createInvestigation({
      toolkit: leavesNothing,
      cases: createCases({ store, dataDir }),
      store,
      audit: { refused: async () => undefined },
    });
    const report = await investigate(
      {
        kind: "user",
        entry: "user-breach-check",
        tenant: work.tenant,
        target: work.upn,
        windowDays: 7,
        deadlineMs: 1_000,
      },
      {
        job: createJob(interaction, work, { now: Date.now() }),
        permission: { kind: "allowed", level: "tech", tenantIds: undefined },
        signal: new AbortController().signal,
        progress: () => undefined,
        log,
      },
    );
    expect(report).toMatchObject({ outcome: "Done", title: "Inconclusive: adele@contoso.com" });
    expect(lines.filter(({ level }) => level === "warn")).toHaveLength(3);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
