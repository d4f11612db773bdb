import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

const PATHS = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = PATHS.find((path) => path !== "" && existsSync(path));

/**
 * Why tests that need a browser are skipped, or `false` when they run. In CI they can't be skipped.
 * Use as `describe.skipIf(chromiumMissing)`.
 */
export const chromiumMissing = findChromium();

function findChromium(): string | false {
  if (executablePath !== undefined) return false;
  const reason = "no Chromium at the usual places or in CHROMIUM_PATH, so the tests that need one do not run";
  if (process.env.CI) throw new Error(`Expected Chromium to be installed in CI: ${reason}.`);
  console.warn(`Skipped: ${reason}.`);
  return reason;
}

// A browser that asks nobody for anything by itself.
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser with a profile of its own, from before the first test of a `describe` to after its last. */
export function useChromium(): () => BrowserContext {
  let context: BrowserContext | undefined;
  let profile: string;
  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), "chromium-"));
    context = await chromium.launchPersistentContext(profile, {
      ...(executablePath !== undefined && { executablePath }),
      headless: true,
      args: ARGS,
    });
  });
  afterAll(async () => {
    await context?.close();
    await rm(profile, { recursive: true, force: true });
  });
  return () => {
    if (context === undefined) throw new Error("Use it in a test, not beside one.");
    return context;
  };
}
