import { ApplicationCommandType } from "discord-api-types/payloads/v10";
import type { RESTPostAPIChatInputApplicationCommandsJSONBody } from "discord-api-types/v10";
import { relativeTime } from "../interactions/respond.ts";
import { queueNames } from "../jobs/queue.ts";
import { type Command, guildOnly, type Installation, privateOption } from "./command.ts";

const definition = {
  name: "status",
  type: ApplicationCommandType.ChatInput,
  description: "How the bot is: worker, queues, and everything they depend on",
  ...guildOnly,
  options: [privateOption("Show it to you alone (default: yes)")],
} satisfies RESTPostAPIChatInputApplicationCommandsJSONBody;

/** `/status`. Asked when everything is down, so the webhook says what it sees before any worker does. */
export const status: Command = {
  definition,
  access: "tech",
  visibility: "private",
  toWork: () => ({ kind: "status" }),
  opening: (installation) =>
    [webhookLine, queueLine, workerLine].map((line) => line(installation)).join("\n"),
};

const webhookLine = () => "🟢 **Webhook**: up, it gives this answer.";

function queueLine({ depths }: Installation): string {
  if (depths.kind === "unavailable") {
    return "🔴 **Queue**: not reachable, so nothing can be started. Check Redis (`docker compose ps redis`) and `REDIS_URL`.";
  }
  const counts = queueNames.map((name) => {
    const { waiting, active } = depths.depths[name];
    return `${name} ${waiting} waiting, ${active} running`;
  });
  return `🟢 **Queue**: reachable; ${counts.join("; ")}.`;
}

function workerLine({ attendance, now }: Installation): string {
  switch (attendance.kind) {
    case "alive": {
      const seen =
        attendance.seenAt === undefined
          ? ""
          : `, heartbeat ${Math.max(0, Math.round((now - attendance.seenAt) / 1000))} s old`;
      return `🟢 **Worker**: alive${seen}. Its own answer takes the place of this one.`;
    }
    case "away": {
      const since =
        attendance.since === undefined
          ? "none has ever been seen"
          : `last seen ${relativeTime(attendance.since)}`;
      return `🔴 **Worker**: away, ${since}. Start it (\`npm run worker\`), or read its log for why it stopped.`;
    }
    case "unknown":
      return "⚪ **Worker**: unknown while the queue is not reachable.";
  }
}
