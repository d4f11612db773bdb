import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes all of a file or nothing, readable for its owner only. Whoever looks meanwhile never sees half of it, and a link
 * of that name is replaced, not followed.
 */
export async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `.${name}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** `EACCES` and its like: what of a system error may be shown, since its message holds the path. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
}
