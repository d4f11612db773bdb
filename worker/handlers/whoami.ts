import { type AccessLists, type Caller, rolesOf } from "../../src/access.ts";
import type { Directory } from "../claudetools/directory-source.ts";
import type { DiscordUsers, Standing } from "../claudetools/discord-users.ts";
import type { Section } from "../report.ts";
import type { Allowed, Handler } from "./handler.ts";

/** `/whoami`: what one may do, and which of the lists says so. */
export function createWhoami({
  lists,
  users,
  directory,
}: {
  lists: AccessLists;
  users: DiscordUsers;
  directory: Directory;
}): Handler<"whoami"> {
  return {
    access: "tech",
    async run(_, { job, permission, signal }) {
      const { userId } = job.interaction;
      const [standing, tenants] = await Promise.all([
        users.standingOf(userId, signal),
        permission.tenantIds === undefined ? [] : directory.current(signal),
      ]);
      const nameOf = (id: string) => {
        const known = tenants.find(({ tenantId }) => tenantId === id);
        return known === undefined ? id : `${known.name}: ${known.domain ?? "no domain"}, ${id}`;
      };
      return {
        outcome: "Done",
        title: permission.level === "admin" ? "You are an administrator of the bot" : "You are a technician",
        tone: "neutral",
        lead: `Your Discord id is ${userId}. Of what Discord and ClaudeTools say, the stricter counts.`,
        sections: [
          { heading: "You may", lines: abilitiesOf(permission) },
          {
            heading: "Because",
            lines: [...discordReasons(job.interaction, lists), claudeToolsReason(standing)],
          },
          {
            heading: "Tenants",
            lines: permission.tenantIds?.map(nameOf) ?? ["All: none of your roles has a list of tenants."],
          },
        ],
        files: [],
        buttons: [],
      };
    },
  };
}

function abilitiesOf({ level, tenantIds }: Allowed): Section["lines"] {
  const where = tenantIds === undefined ? "" : ", for the tenants below alone";
  return [
    `Run checks and see their results${where}.`,
    `Read from ClaudeTools with /query${where}; of secrets you see names, never values.`,
    ...(level === "admin"
      ? ["Read what is for administrators, and have anybody's case file."]
      : ["Not: change anything in ClaudeTools, or read what is for administrators."]),
  ];
}

function discordReasons(caller: Caller, lists: AccessLists): string[] {
  return rolesOf(caller, lists).map(({ level, kind, id }) => {
    return `Discord: your ${kind} ${id} is on the list of ${level === "admin" ? "administrators" : "technicians"}.`;
  });
}

function claudeToolsReason(standing: Standing): string {
  if (standing.kind === "silent") {
    return "ClaudeTools: it does not know your Discord id, or could not be asked, so it takes nothing away.";
  }
  const as = standing.user === undefined ? "" : ` as ${standing.user}`;
  return `ClaudeTools: it knows you${as} with the role "${standing.role}".`;
}
