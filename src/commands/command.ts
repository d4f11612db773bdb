import {
  type APIApplicationCommandOptionChoice,
  ApplicationCommandOptionType,
  type ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
} from "discord-api-types/payloads/v10";
import type {
  RESTPostAPIChatInputApplicationCommandsJSONBody,
  RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from "discord-api-types/v10";
import * as z from "zod";
import type { Level } from "../access.ts";
import { AppError } from "../errors.ts";
import type { CommandInteraction } from "../interactions/interaction.ts";
import type { Work } from "../jobs/contract.ts";
import type { Attendance } from "../jobs/heartbeat.ts";
import type { Outlook } from "../jobs/queue.ts";

/** A command, by a slash or in a message's menu: what Discord shows, who may use it, and how it becomes work. */
export interface Command {
  definition:
    | (RESTPostAPIChatInputApplicationCommandsJSONBody & { type: ApplicationCommandType.ChatInput })
    | RESTPostAPIContextMenuApplicationCommandsJSONBody;
  access: Level;
  /** Of the reply, unless the caller sets `private`. */
  visibility: "public" | "private";
  /** Whatever the caller sets. */
  isAlwaysPrivate?(interaction: CommandInteraction): boolean;
  /** @throws {AppError} `INVALID_OPTION`, whose text names the option and says what was expected. */
  toWork(interaction: CommandInteraction): Work;
  /**
   * What the webhook itself can say at once, where that is worth more than "thinking…"; the worker's answer takes its
   * place. Our own words only: nothing in it is escaped.
   */
  opening?(installation: Installation): string;
  /** What to offer for the option `name` when `typed` stands in it. Discord shows 25 of them at most. */
  autocomplete?(
    option: FocusedOption,
    outlook: Outlook,
  ): Promise<APIApplicationCommandOptionChoice<string>[]>;
}

/** Installed in a server, and used there alone: in a direct message nobody has a role. */
export const guildOnly = {
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

/** Overrides the command's `visibility`, see `isPrivate`. */
export function privateOption(description: string) {
  return { type: ApplicationCommandOptionType.Boolean as const, name: "private", description };
}

/** What a person is typing. */
export interface FocusedOption {
  name: string;
  typed: string;
  /** The options as they stand now. */
  given: Readonly<Record<string, string | number | boolean | undefined>>;
  /** By Discord's roles; what ClaudeTools says is asked when the command runs. */
  level: Level;
  /** The only tenants that this person may look at; `undefined`: all. */
  tenantIds: readonly string[] | undefined;
}

/** What the webhook sees of the installation. */
export interface Installation {
  attendance: Attendance;
  depths: Awaited<ReturnType<Outlook["depths"]>>;
  /** Milliseconds since 1970. */
  now: number;
}

export function isPrivate(command: Command, interaction: CommandInteraction): boolean {
  if (command.isAlwaysPrivate?.(interaction)) return true;
  const chosen = interaction.data.options.find((option) => option.name === "private")?.value;
  return typeof chosen === "boolean" ? chosen : command.visibility === "private";
}

/**
 * Checks what Discord's client does not: length limits and autocomplete are suggestions to it.
 * @see https://discord.com/developers/docs/interactions/application-commands#autocomplete
 * @throws {AppError} `INVALID_OPTION`. The description of each schema says what is expected.
 */
export function readOptions<Shape extends z.core.$ZodShape>(
  schema: z.ZodObject<Shape>,
  { data }: CommandInteraction,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(data.options.map(({ name, value }) => [name, value]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;

  const name = String(result.error.issues[0]?.path[0]);
  const shape: Record<string, unknown> = schema.shape;
  const option = shape[name];
  const expected = option instanceof z.ZodType ? option.description : undefined;
  throw new AppError(
    "INVALID_OPTION",
    `Expected \`${name}\` to be ${expected ?? "something else"}, got ${quote(given[name])}. Nothing was run.`,
  );
}

/** What the caller typed, so that nothing in it is a link, a mention or a look-alike letter. */
function quote(value: unknown): string {
  if (value === undefined || value === "") return "nothing";
  const text = String(value);
  const shown = text.slice(0, 80).replace(/[^\x20-\x7e]|`/g, "?");
  const foreign = [...text].find((character) => /[^\x20-\x7e]/.test(character));
  const point = foreign?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  const notes = [
    ...(text.length > 80 ? [`${text.length} characters in all`] : []),
    ...(point === undefined ? [] : [`with U+${point}, which is not a plain letter`]),
  ];
  return `\`${shown}\`${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}
