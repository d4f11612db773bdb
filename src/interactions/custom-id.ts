const VERSION = "v1";
const ACTIONS = [
  ...["run-again", "show-result", "show-evidence", "download", "finding", "stop", "reply"],
  ...["tenant", "tenant-page", "query-page", "query-raw", "query-send", "query-cancel"],
] as const;
export type Action = (typeof ACTIONS)[number];

const isAction = (text: string): text is Action => ACTIONS.some((action) => action === text);

/**
 * What a button or a select menu carries: `v1:<action>:<value>`, at most 100 characters. The version tells a button of an older
 * release from a broken one.
 * @see https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id
 */
export function encodeCustomId(action: Action, value: string): string {
  const customId = `${VERSION}:${action}:${value}`;
  if (customId.length > 100)
    throw new RangeError(`Expected a custom id of at most 100 characters: ${action}`);
  return customId;
}

/** `undefined` for what this release did not write. */
export function decodeCustomId(customId: string): { action: Action; value: string } | undefined {
  const [version, action = "", ...rest] = customId.split(":");
  const value = rest.join(":");
  if (version !== VERSION || !isAction(action) || value === "") return undefined;
  return { action, value };
}
