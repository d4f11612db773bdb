import { ApplicationCommandOptionType, ApplicationCommandType } from "discord-api-types/payloads/v10";
import type { RESTPostAPIChatInputApplicationCommandsJSONBody } from "discord-api-types/v10";
import * as z from "zod";
import { CATALOGUE_KEY, Method, parseCatalogue } from "../claudetools/catalogue.ts";
import { rankEndpoints } from "../claudetools/rank-endpoints.ts";
import type { CommandInteraction } from "../interactions/interaction.ts";
import type { QueryWork } from "../jobs/contract.ts";
import { type Command, type FocusedOption, guildOnly, privateOption, readOptions } from "./command.ts";

/** @see https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-structure */
const TEXT_MAX = 6000;
const ENDPOINT_MAX = 300;

const definition = {
  name: "query",
  type: ApplicationCommandType.ChatInput,
  description: "Ask ClaudeTools, the team's database, or change something in it",
  ...guildOnly,
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: "endpoint",
      description: "Where to ask, for example /api/clients",
      required: true,
      max_length: ENDPOINT_MAX,
      autocomplete: true,
    },
    {
      type: ApplicationCommandOptionType.String,
      name: "params",
      description: 'What to ask for: limit=10&status=open, or {"limit": 10}',
      max_length: TEXT_MAX,
    },
    {
      type: ApplicationCommandOptionType.String,
      name: "method",
      description:
        "Default: GET, which only reads. The others show the call first and ask before they send it",
      choices: Method.options.map((method) => ({ name: method, value: method })),
    },
    {
      type: ApplicationCommandOptionType.String,
      name: "body",
      description: "JSON, for methods that write",
      max_length: TEXT_MAX,
    },
    privateOption("Show the answer to you alone (default: yes; a change always)"),
  ],
} satisfies RESTPostAPIChatInputApplicationCommandsJSONBody;

/** `/query`. Private by default: records are about customers, and a channel has many readers. */
export const query: Command = {
  definition,
  access: "tech",
  visibility: "private",
  // A change is asked about and answered before whoever sends it alone.
  isAlwaysPrivate: (interaction) => readOptions(Options, interaction).method !== "GET",
  toWork,
  autocomplete: suggestEndpoints,
};

const Options = z.object({
  endpoint: z.string().trim().min(1).max(ENDPOINT_MAX).describe("a path of the API such as `/api/clients`"),
  params: z
    .string()
    .max(TEXT_MAX)
    .exactOptional()
    .describe(`a query string or a JSON object of at most ${TEXT_MAX} characters`),
  method: Method.default("GET").describe(`one of ${Method.options.join(", ")}`),
  body: z.string().max(TEXT_MAX).exactOptional().describe(`JSON of at most ${TEXT_MAX} characters`),
});

function toWork(interaction: CommandInteraction): QueryWork {
  return { kind: "query", ...readOptions(Options, interaction) };
}

/** From the catalogue that the worker keeps: the API itself is never asked while somebody types. */
async function suggestEndpoints(
  { name, typed, given, level }: FocusedOption,
  outlook: Parameters<NonNullable<Command["autocomplete"]>>[1],
) {
  if (name !== "endpoint") return [];
  const seen = await outlook.read([CATALOGUE_KEY]);
  const text = seen.kind === "read" ? seen.values[0] : undefined;
  const catalogue = text === undefined ? undefined : parseCatalogue(text);
  if (catalogue === undefined) return [];
  const method = Method.safeParse(given.method ?? "GET").data;
  return rankEndpoints(typed, catalogue, { level, method })
    .filter(({ path }) => path.length <= CHOICE_MAX)
    .map(({ path, summary }) => ({ name: choiceName(path, summary), value: path }));
}

/** @see https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure */
const CHOICE_MAX = 100;

function choiceName(path: string, summary: string): string {
  const named = summary === "" ? path : `${path} · ${summary}`;
  return named.length <= CHOICE_MAX ? named : `${named.slice(0, CHOICE_MAX - 1)}…`;
}
