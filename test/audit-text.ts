import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** All records of the audit that lies in `dataDir`, a line each. */
export async function auditText(dataDir: string): Promise<string> {
  const names = await readdir(join(dataDir, "audit"), { recursive: true, withFileTypes: true });
  const files = names.filter(({ name }) => name.endsWith(".jsonl"));
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")));
  return texts.join("\n");
}
