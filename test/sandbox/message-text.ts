import type { SandboxMessage } from "./discord/messages.ts";

/** A message as text, as near to what Discord shows as a terminal can be: markdown escapes are undone. */
export function messageText({ content, embeds, components }: SandboxMessage): string {
  const embedded = embeds.flatMap((embed) => [
    embed.title,
    embed.description,
    ...(embed.fields ?? []).flatMap((field) => ["", field.name, field.value]),
    ...(embed.footer ? ["", embed.footer.text] : []),
  ]);
  const labels = components.flatMap((row) => row.components.map((component) => `[${component.label}]`));
  return [content, ...embedded, ...(labels.length > 0 ? ["", labels.join(" ")] : [])]
    .filter((line) => line !== undefined)
    .join("\n")
    .replace(/\\([^0-9A-Za-z\s])/g, "$1")
    .trim();
}
