import { createRedisJobs } from "../../../../src/jobs/redis.ts";
import { createDiscord, createGatewayRest } from "../../../../worker/discord/api.ts";
import { type GatewayStatus, startGateway } from "../../../../worker/discord/gateway/gateway.ts";
import { createTakeQuestion } from "../../../../worker/discord/gateway/take-question.ts";
import { APPLICATION, GUILD, TECH_ROLE } from "../../../interactions.ts";
import { collectLog } from "../../../log.ts";

/** What the process listens with. */
export interface Errand {
  redisUrl: string;
  prefix: string;
  apiUrl: string;
  botToken: string;
  leaseMs: number;
}
export interface Told {
  state: GatewayStatus["state"];
}

// A worker that listens and does nothing else, started by gateway.test.ts. "stop" makes it end as a worker does.
process.on("message", async (errand: Errand | "stop") => {
  if (errand === "stop") return;
  const { redisUrl, prefix, apiUrl, botToken, leaseMs } = errand;
  const { log } = collectLog();
  const jobs = createRedisJobs({ url: redisUrl, prefix, log });
  const { store } = jobs;
  const discord = createDiscord({ apiUrl, botToken });
  const gateway = startGateway({
    ...{ applicationId: APPLICATION, guildId: GUILD, messageContent: false, botToken, store, log },
    ...{ leaseMs, leasePollMs: 50, saveEveryMs: 20 },
    rest: createGatewayRest({ apiUrl, botToken }),
    takeQuestion: createTakeQuestion({
      access: {
        guildId: GUILD,
        adminRoles: [],
        techRoles: [TECH_ROLE],
        adminUsers: [],
        techUsers: [],
        roleTenants: [],
      },
      producer: jobs.producer("lookups"),
      audit: { refused: async () => undefined },
      ...{ store, discord, log },
    }),
  });
  let last = "";
  setInterval(() => {
    const { state } = gateway.status();
    if (state !== last) process.send?.({ state } satisfies Told);
    last = state;
  }, 10);
  process.on("message", async (word) => {
    if (word !== "stop") return;
    await gateway.close();
    await jobs.close();
    process.exit(0);
  });
});
