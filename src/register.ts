import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { API } from "@discordjs/core/http-only";
import { REST } from "@discordjs/rest";
import { commands } from "./commands/index.ts";
import { diffCommands } from "./commands/sync.ts";
import { readConfig } from "./config.ts";
import { coerceError } from "./errors.ts";
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
  const rest = new REST({ api: config.DISCORD_API_URL, version: "10" }).setToken(config.DISCORD_TOKEN);
  const { applicationCommands } = new API(rest);
  const { DISCORD_APPLICATION_ID: applicationId, DISCORD_GUILD_ID: guildId } = config;

  const wanted = commands.map(({ definition }) => definition);
  const diff = diffCommands(wanted, await applicationCommands.getGuildCommands(applicationId, guildId));
  for (const [change, names] of Object.entries(diff)) {
    for (const name of names) process.stdout.write(`${change}: ${name}\n`);
  }
  if (Object.values(diff).every((names) => names.length === 0)) {
    process.stdout.write("The commands in your server are the same already.\n");
  } else if (dryRun) {
    process.stdout.write("Nothing was registered (--dry-run).\n");
  } else {
    // Replaces commands of every type, which is why the list is whole.
    await applicationCommands.bulkOverwriteGuildCommands(applicationId, guildId, wanted);
    process.stdout.write("Registered.\n");
  }
}
