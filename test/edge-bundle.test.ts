import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const wrangler = createRequire(import.meta.url).resolve("wrangler/bin/wrangler.js");

test("what is deployed to Workers has at most 200 KiB, compressed", async () => {
  const outdir = await mkdtemp(join(tmpdir(), "edge-bundle-"));
  try {
    await promisify(execFile)(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", outdir], {
      cwd: root,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
    });
    const bundle = await readFile(join(outdir, "edge.js"));
    expect(gzipSync(bundle).byteLength / 1024).toBeLessThanOrEqual(200);
    expect(bundle.byteLength).toBeGreaterThan(100_000);
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}, 60_000);
