import { parseArgs } from "node:util";
import type { Log } from "../../src/log.ts";
import { ADMIN_ROLE, buttonInteraction, commandInteraction } from "../interactions.ts";
import { ADMIN_USER } from "./claudetools/records.ts";
import type { SandboxMessage } from "./discord/messages.ts";
import { messageText } from "./message-text.ts";
import { type Product, startProduct } from "./product.ts";

const USAGE = `Runs the bot on this machine alone, against stand-ins for Discord, Microsoft 365, ClaudeTools and Claude.

  npm run demo                                    starts everything and waits
  npm run demo -- --once '<slash command>'        runs one command and prints its final message
  npm run demo -- --once                          the compromised, the clean and the unlicensed user, and the sweep of two tenants

Try   npm run demo -- --once '/breach-check tenant:contoso.com upn:adele@contoso.com'
      npm run demo -- --once '/breach-check tenant:contoso.com upn:megan@contoso.com private:true'
      npm run demo -- --once '/ask question:"which clients have open tasks?"'
      npm run demo -- --once '/tenant-sweep tenant:contoso.com'     under attack; fabrikam.com has no licence, northwind.com is clean
      npm run demo -- --once '/query endpoint:/api/clients'
      npm run demo -- --once --admin '/query endpoint:/api/tasks method:POST body:{"client_id": 1, "title": "New laptop"}'
                                             shows the change; with --press 'Send POST' or --press Cancel also what comes of it
      npm run demo -- --once '/status'
      npm run demo -- --once '/status' --without-worker     what the webhook alone says
`;

const FINAL = /^(-# )?(Done|Failed|Stopped|Interrupted|Expired)\b/m;

/** What a person watching the demo needs to know, on stderr. */
const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => void process.stderr.write(`warn: ${message} ${JSON.stringify(fields)}\n`),
  error: (fields, message) => void process.stderr.write(`error: ${message} ${JSON.stringify(fields)}\n`),
  child: () => quietLog,
};

/** What `--once` alone runs. */
const TOUR = [
  "/breach-check tenant:contoso.com upn:adele@contoso.com",
  "/breach-check tenant:contoso.com upn:megan@contoso.com",
  "/breach-check tenant:fabrikam.com upn:pat@fabrikam.com",
  "/tenant-sweep tenant:contoso.com",
  "/tenant-sweep tenant:fabrikam.com",
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    once: { type: "boolean" },
    port: { type: "string" },
    "without-worker": { type: "boolean" },
    admin: { type: "boolean" },
    press: { type: "string" },
    help: { type: "boolean" },
  },
});
if (values.help) process.stdout.write(USAGE);
else if (values.once) process.exitCode = await runAll(positionals.length > 0 ? positionals : TOUR);
else await serve(Number(values.port ?? 8787));

/** @returns The exit code: 0 if every command came to its end. */
async function runAll(lines: readonly string[]): Promise<number> {
  let exitCode = 0;
  for (const line of lines) {
    if (lines.length > 1) process.stdout.write(`\n=== ${line}\n\n`);
    exitCode = Math.max(exitCode, await runOnce(line));
  }
  return exitCode;
}

/** @returns The exit code: 0 if the command came to its end. */
async function runOnce(line: string): Promise<number> {
  const { name, options } = parseCommand(line);
  const withWorker = values["without-worker"] !== true;
  const product = await startProduct({ log: quietLog, withWorker, environment: realClaude() });
  try {
    const interaction = commandInteraction(name, options, asked());
    const final = finalMessage(product, interaction.token);
    const answer = await product.post(interaction);
    if (!answer.queued || !withWorker) {
      process.stdout.write(`${answer.body.data?.content ?? `The webhook answered ${answer.status}.`}\n`);
      return answer.queued ? 0 : 1;
    }
    const shown = await final;
    process.stdout.write(`${messageText(shown)}\n`);
    const last = values.press === undefined ? shown : await press(product, shown, values.press);
    for (const violation of product.discord.violations) process.stderr.write(`violation: ${violation}\n`);
    return /^(-# )?Done\b/m.test(messageText(last)) ? 0 : 1;
  } finally {
    await product.close();
  }
}

/** Whoever asks: a technician, or with `--admin` one who may also change something. */
function asked() {
  return values.admin === true ? { roles: [ADMIN_ROLE], userId: ADMIN_USER } : {};
}

/** Clicks on the button with this label, and shows what comes of it. */
async function press(product: Product, message: SandboxMessage, label: string): Promise<SandboxMessage> {
  const button = message.components.flatMap((row) => row.components).find((part) => part.label === label);
  if (button?.custom_id === undefined) throw new Error(`Expected a button "${label}" below the message.`);
  const { id: messageId, flags } = message;
  const click = buttonInteraction(button.custom_id, { ...asked(), messageId, flags });
  const final = finalMessage(product, click.token);
  await product.post(click);
  const shown = await final;
  process.stdout.write(`\n--- after a click on ${label} ---\n\n${messageText(shown)}\n`);
  return shown;
}

/** Shows each state of the message on stderr until the one that ends in a footer. */
function finalMessage({ discord }: Product, interactionToken: string): Promise<SandboxMessage> {
  return new Promise((resolve) => {
    const end = discord.on((event) => {
      if (event.interactionToken !== interactionToken) return;
      const text = messageText(event.message);
      if (FINAL.test(text)) {
        end();
        resolve(event.message);
      } else {
        process.stderr.write(`${text}\n\n`);
      }
    });
  });
}

async function serve(port: number): Promise<void> {
  const product = await startProduct({ log: quietLog, port, environment: realClaude() });
  product.discord.on(({ kind, message }) => {
    const place = message.ephemeral ? "to the requester alone" : "in the channel";
    process.stdout.write(`--- ${kind} ${place} ---\n${messageText(message)}\n\n`);
  });
  process.stdout.write(`The webhook listens at ${product.url}/interactions (public key ${product.keys.publicKey}).
Discord's stand-in is ${product.discord.url}, Microsoft Graph's ${product.graph.graphUrl}.
Messages appear here. In another terminal:
  npm run demo -- --once '/breach-check tenant:contoso.com upn:adele@contoso.com'
Ctrl-C ends it.
`);
  process.once("SIGINT", () => void product.close().then(() => process.exit(0)));
  process.once("SIGTERM", () => void product.close().then(() => process.exit(0)));
}

/** With a key in the environment, the real Claude answers in place of the script. */
function realClaude(): Record<string, string> {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url, CLAUDE_MODEL: model } = process.env;
  if (!key) return {};
  return {
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_BASE_URL: url || "https://api.anthropic.com",
    ...(model && { CLAUDE_MODEL: model }),
  };
}

/** `/name key:value key:"two words" key:{"json": "too"} flag:true`, as it looks in Discord. */
function parseCommand(line: string): { name: string; options: Record<string, string | boolean> } {
  const [, name, rest] = /^\/?([\w-]+)\s*(.*)$/s.exec(line.trim()) ?? [];
  if (name === undefined || rest === undefined)
    throw new Error(`Expected a slash command, got ${JSON.stringify(line)}.`);
  const options = [...rest.matchAll(/([\w-]+):(?:"([^"]*)"|(\{.*?\}(?=\s+[\w-]+:|\s*$)|\S*))/gs)].map(
    ([, key = "", quoted, bare = ""]) => {
      const value = quoted ?? bare;
      return [key, value === "true" ? true : value === "false" ? false : value] as const;
    },
  );
  return { name, options: Object.fromEntries(options) };
}
