import { expect, test } from "vitest";
import { createCases } from "../../worker/cases/cases.ts";
import type { Reply } from "../../worker/discord/reply.ts";
import { createOutbox } from "../../worker/outbox.ts";
import type { Report } from "../../worker/report.ts";
import { useEmbeddedJobs } from "../embedded-store.ts";
import { APPLICATION, CHANNEL, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../interactions.ts";
import { collectLog } from "../log.ts";

const jobs = useEmbeddedJobs();

const report: Report = {
  outcome: "Done",
  title: "No evidence: adele@contoso.com",
  tone: "good",
  lead: "Nothing was found.",
  sections: [],
  files: [],
  buttons: [],
};

test("progress has ended before any process can see that a report is owed", async () => {
  const { store } = jobs();
  const cases = createCases({ store, dataDir: "unused" });
  const id = snowflake();
  const jobId = `ix-${id}`;
  const steps: string[] = [];
  const reply: Reply = {
    progress: () => undefined,
    async endProgress() {
      steps.push(`progress ended, owed: ${(await cases.owed()).includes(jobId)}`);
    },
    async finish() {
      steps.push(`finished, owed: ${(await cases.owed()).includes(jobId)}`);
      return { kind: "edited", missing: [] };
    },
  };
  const outbox = createOutbox({ cases, store, openReply: () => reply, log: collectLog().log });
  const interaction = {
    id,
    applicationId: APPLICATION,
    interactionToken: "token",
    guildId: GUILD,
    channelId: CHANNEL,
    userId: TECH_USER,
    roleIds: [TECH_ROLE],
    ephemeral: false,
    attachmentLimitBytes: 10_000_000,
  };
  await outbox.send({ jobId, interaction, report, durationMs: 1 }, reply);
  await outbox.close();
  expect(steps).toEqual(["progress ended, owed: false", "finished, owed: true"]);
});
