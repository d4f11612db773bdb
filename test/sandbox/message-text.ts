import type { SandboxMessage } from "./discord/messages.ts";

/** A message as text, as near to what Discord shows as a terminal can be: markdown escapes are undone. */
export function messageText({ content, embeds, components, files }: SandboxMessage): string {
  const embedded = embeds.flatMap((embed) => [
    embed.title,
    embed.description,
    ...(embed.fields ?? []).flatMap((field) => ["", field.name, field.value]),
    ...(embed.footer ? ["", embed.footer.text] : []),
  ]);
  const parts = components.flatMap((row) => row.components);
  const labels = parts.flatMap(({ label }) => (label === undefined ? [] : [`[${label}]`]));
  const menus = parts.flatMap(({ placeholder, options = [] }) =>
    placeholder === undefined ? [] : [`[${placeholder} ▾]`, ...options.map(({ label }) => `  ${label}`)],
  );
  const pictures = embeds.some(({ image }) => image !== undefined)
    ? files.map(({ filename, description }) => `[${filename}: ${description ?? ""}]`)
    : [];
  const below = [...pictures, ...(labels.length > 0 ? [labels.join(" ")] : []), ...menus];
  return [content, ...embedded, ...(below.length > 0 ? ["", ...below] : [])]
    .filter((line) => line !== undefined)
    .join("\n")
    .replace(/\\([^0-9A-Za-z\s])/g, "$1")
    .trim();
}
