import { join } from "node:path";
import { inspectChain, renderProblem } from "./inspect-chain.ts";
import { chainFolders } from "./open-chains.ts";
import { visible } from "./visible.ts";

/**
 * Checks every chain below `dir`, from its first record to its last, and says where it breaks. What it cannot see: a
 * chain that was removed as a whole, or written anew together with its `head.json`; the copies that were delivered show that.
 */
export async function verifyChains(dir: string): Promise<{ text: string; isWhole: boolean }> {
  const folders = await chainFolders(dir);
  if (folders.length === 0) return { text: `There are no audit records in ${dir}.\n`, isWhole: false };

  const lines: string[] = [];
  let isWhole = true;
  for (const folder of folders) {
    const state = await inspectChain(join(dir, folder));
    if (state.kind === "broken") {
      isWhole = false;
      lines.push(`${folder}: BROKEN at ${visible(renderProblem(state.problem))}`);
      continue;
    }
    const { last, file } = state.end;
    const newest = last === undefined ? "" : `, the last is ${last.chain}:${last.seq} with hash ${last.hash}`;
    lines.push(
      `${folder}: whole, ${state.records} records in ${file} ${file === 1 ? "file" : "files"}${newest}`,
    );
    if (state.unfinished === undefined) continue;
    lines.push(
      `${folder}: behind it something unfinished (${visible(state.unfinished)}). It is being written now, or a crash ` +
        "left it, and the next start sets it aside.",
    );
  }
  return { text: `${lines.join("\n")}\n`, isWhole };
}
