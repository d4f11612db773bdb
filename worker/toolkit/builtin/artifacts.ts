import { chmod, lstat, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "../../../src/errors.ts";
import type { Collected } from "./collect-pages.ts";
import { codeOf, writeWhole } from "./write-whole.ts";

/** The tenant's artifact folder, for its owner only: artifacts are personal data. */
export interface Artifacts {
  /** Writes all or nothing; whoever looks at the folder meanwhile never sees half a file. */
  write: (name: string, content: unknown) => Promise<void>;
}

/** @throws {AppError} `ARTIFACTS_UNUSABLE` if the folder cannot be made or is not ours alone. */
export async function openArtifacts(root: string, tenantId: string): Promise<Artifacts> {
  const folder = resolve(root, tenantId);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // The default root lies where anyone may write, so a link there could be anyone's.
    if (!(await lstat(folder)).isDirectory()) throw new Error("not a folder");
    await chmod(folder, 0o700);
  } catch (cause) {
    throw new AppError(
      "ARTIFACTS_UNUSABLE",
      `Expected REMEDIATION_ARTIFACTS to be a folder that can be written to (${codeOf(cause)}). Correct it.`,
      { cause },
    );
  }
  return {
    async write(name, content) {
      try {
        await writeWhole(folder, name, `${JSON.stringify(content, null, 2)}\n`);
      } catch (cause) {
        throw new AppError("ARTIFACT_NOT_WRITTEN", `Could not write ${name} (${codeOf(cause)}).`, { cause });
      }
    },
  };
}

/** A collection in the form in which Graph returns one, all pages in one `value`. */
export function asCollection({ context, value }: Collected): object {
  return { ...(context === undefined ? {} : { "@odata.context": context }), value };
}
