// https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
const RESERVED_ON_WINDOWS = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const MAX_PART_LENGTH = 100;

/** Gives names that can be written on every system, and none of them twice, in whatever case. */
export function createArtifactNames(): { next(name: string): string } {
  const taken = new Set<string>();
  return {
    next(name) {
      const clean = cleanArtifactName(name);
      let unique = clean;
      for (let count = 2; taken.has(unique.toLowerCase()); count++) unique = numbered(clean, count);
      taken.add(unique.toLowerCase());
      return unique;
    },
  };
}

/** Letters, digits and `._@+-`, in any language; what else a script put into a name becomes `_`. */
function cleanArtifactName(name: string): string {
  return name.split("/").filter(Boolean).map(cleanPart).join("/");
}

function cleanPart(part: string): string {
  const clean = part
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._@+-]/gu, "_")
    // No hidden files, no "..", and no dot at the end, which Windows drops.
    .replace(/^\.+/, "_")
    .replace(/\.+$/, "_");
  return shortened(RESERVED_ON_WINDOWS.test(clean) ? `_${clean}` : clean);
}

/** The end of the name stays, since there the extension is. */
function shortened(part: string): string {
  const characters = [...part];
  if (characters.length <= MAX_PART_LENGTH) return part;
  return [...characters.slice(0, MAX_PART_LENGTH - 31), "_", ...characters.slice(-30)].join("");
}

function numbered(name: string, count: number): string {
  const [, stem = "", extension = ""] = /^(.*?)(\.[^./]+)?$/s.exec(name) ?? [];
  return `${stem}-${count}${extension}`;
}
