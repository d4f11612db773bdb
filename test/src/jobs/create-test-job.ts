import { createJob, type Job } from "../../../src/jobs/contract.ts";
import { APPLICATION, CHANNEL, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../../interactions.ts";

/** A job with an id that no other has. */
export function createTestJob(): Job {
  return createJob(
    {
      id: snowflake(),
      applicationId: APPLICATION,
      interactionToken: "token-of-a-test",
      guildId: GUILD,
      channelId: CHANNEL,
      userId: TECH_USER,
      roleIds: [TECH_ROLE],
      ephemeral: false,
      attachmentLimitBytes: 10_000_000,
    },
    { kind: "breach-check", tenant: "contoso.com", upn: "adele@contoso.com" },
    { now: Date.now() },
  );
}

/** The id of what a consumer was handed. */
export function idOf(job: unknown): string {
  if (typeof job === "object" && job !== null && "id" in job && typeof job.id === "string") return job.id;
  throw new Error("Expected a job with an id.");
}
