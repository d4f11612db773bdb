import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { API } from "@discordjs/core/http-only";
import { DiscordAPIError, REST } from "@discordjs/rest";
import { commands } from "./commands/index.ts";
import { diffCommands } from "./commands/sync.ts";
import { readConfig } from "./config.ts";
import { AppError, coerceError } from "./errors.ts";
import { redact } from "./redact.ts";

const USAGE = `Registers the slash commands in your Discord server, if they differ from those that are there.

  npm run register                  compare, and register what differs
  npm run register -- --dry-run     compare only
`;

// A failure ends with a code that is not 0: a registration that failed quietly is found by the next customer.
try {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) process.stdout.write(USAGE);
  else await register({ dryRun: values["dry-run"] ?? false });
} catch (thrown) {
  process.stderr.write(`${redact(coerceError(thrown).message)}\n`);
  process.exitCode = 1;
}

async function register({ dryRun }: { dryRun: boolean }): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const config = readConfig("register", process.env);
  // Somebody sits before it and waits.
  const options = { api: config.DISCORD_API_URL, version: "10", retries: 1, timeout: 10_000 };
  const rest = new REST(options).setToken(config.DISCORD_TOKEN);
  const { applicationCommands } = new API(rest);
  const { DISCORD_APPLICATION_ID: applicationId, DISCORD_GUILD_ID: guildId } = config;

  const wanted = commands.map(({ definition }) => definition);
  const diff = diffCommands(
    wanted,
    await applicationCommands.getGuildCommands(applicationId, guildId).catch(explain),
  );
  for (const [change, names] of Object.entries(diff)) {
    for (const name of names) process.stdout.write(`${change}: ${name}\n`);
  }
  if (Object.values(diff).every((names) => names.length === 0)) {
    process.stdout.write("The commands in your server are the same already.\n");
  } else if (dryRun) {
    process.stdout.write("Nothing was registered (--dry-run).\n");
  } else {
    // Replaces commands of every type, which is why the list is whole.
    await applicationCommands.bulkOverwriteGuildCommands(applicationId, guildId, wanted).catch(explain);
    process.stdout.write("Registered.\n");
  }
}

function explain(thrown: unknown): never {
  throw new AppError("NOT_REGISTERED", inWords(coerceError(thrown)), { cause: thrown });
}

/** What the libraries say names neither the variable nor what to do. */
function inWords(error: Error): string {
  if (!(error instanceof DiscordAPIError)) {
    return `Discord did not answer (${error.message}). See that this machine reaches DISCORD_API_URL, then run this again.`;
  }
  const said = `Discord refused: ${error.status}, ${error.message}.`;
  switch (error.status) {
    case 401:
      return `${said} Set DISCORD_TOKEN to the bot's token, from the developer portal under Bot.`;
    case 403:
    case 404:
      return `${said} Check DISCORD_APPLICATION_ID and DISCORD_GUILD_ID, and that the bot was invited to that server with the scope applications.commands.`;
    default:
      return `${said} Nothing was registered; run this again later.`;
  }
}
