import { isDeepStrictEqual } from "node:util";
import type { RESTPutAPIApplicationGuildCommandsJSONBody } from "discord-api-types/v10";

type Definitions = RESTPutAPIApplicationGuildCommandsJSONBody;

export interface CommandDiff {
  added: string[];
  changed: string[];
  removed: string[];
}

/**
 * What a registration would change. Discord answers with more than it was sent (ids, versions, localisations, defaults),
 * so only what we define is compared.
 * @see https://discord.com/developers/docs/interactions/application-commands#application-command-object
 */
export function diffCommands(
  wanted: Definitions,
  registered: readonly { name: string; type?: number | undefined }[],
): CommandDiff {
  // A name is unique only among the commands of one type; a slash command may leave its type out.
  const keyOf = ({ name, type = 1 }: { name: string; type?: number | undefined }) => `${type}:${name}`;
  const keys = new Set(wanted.map(keyOf));
  const find = (definition: { name: string; type?: number | undefined }) =>
    registered.find((command) => keyOf(command) === keyOf(definition));
  return {
    added: wanted.filter((definition) => find(definition) === undefined).map(({ name }) => name),
    changed: wanted
      .filter((definition) => {
        const current = find(definition);
        return (
          current !== undefined &&
          !isDeepStrictEqual(normalise(definition), normalise(pick(current, definition)))
        );
      })
      .map(({ name }) => name),
    removed: registered.filter((command) => !keys.has(keyOf(command))).map(({ name }) => name),
  };
}

/** Cuts `current` down to the keys of `wanted`, at every level. Lists keep their length, so that an added option shows. */
function pick(current: unknown, wanted: unknown): unknown {
  if (Array.isArray(current) && Array.isArray(wanted))
    return current.map((item, index) => pick(item, wanted[index]));
  if (!isRecord(current) || !isRecord(wanted)) return current;
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, pick(current[key], wanted[key])]));
}

/** `required: false` and its absence are the same; the order of contexts has no meaning. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(normalise);
    return items.every((item) => typeof item === "number") ? items.toSorted() : items;
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined && field !== false);
  return Object.fromEntries(entries.map(([key, field]) => [key, normalise(field)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
