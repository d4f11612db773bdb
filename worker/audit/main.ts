import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../../src/config.ts";
import { coerceError } from "../../src/errors.ts";
import { redact } from "../../src/redact.ts";
import { followRecords, readLastRecords, renderRecord } from "./tail.ts";
import { verifyChains } from "./verify.ts";

const USAGE = `The record of who did what: checks it, or shows it.

  npm run audit -- verify               check that nothing was changed, removed or cut off; exit code 1 if it was
  npm run audit -- tail [-n N]          show the last records (20 unless told)
  npm run audit -- tail --follow        and those to come, until Ctrl-C

  --dir PATH   the folder of the records, instead of "audit" in DATA_DIR
`;

const ended = new AbortController();
process.once("SIGINT", () => ended.abort());
// As by `| head`.
process.stdout.on("error", () => process.exit());

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`${redact(coerceError(thrown).message)}\n`);
  process.exitCode = 1;
}

/** @returns The exit code. */
async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: "string" },
      lines: { type: "string", short: "n", default: "20" },
      follow: { type: "boolean", short: "f", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [command, ...rest] = positionals;
  const count = /^\d{1,6}$/.test(values.lines) ? Number(values.lines) : undefined;
  if (rest.length > 0 || count === undefined || (command !== "verify" && command !== "tail")) {
    process.stderr.write(USAGE);
    return 1;
  }

  if (existsSync(".env")) process.loadEnvFile(".env");
  const dir = resolve(values.dir ?? join(readConfig("audit", process.env).DATA_DIR, "audit"));
  if (!existsSync(dir)) {
    process.stderr.write(
      `There is no folder ${dir}. Set DATA_DIR to that of the worker, or name the folder of the records with --dir.\n`,
    );
    return 1;
  }
  if (command === "verify") {
    const { text, isWhole } = await verifyChains(dir);
    process.stdout.write(text);
    return isWhole ? 0 : 1;
  }
  const { records, ends } = await readLastRecords(dir, count);
  for (const record of records) process.stdout.write(`${renderRecord(record)}\n`);
  if (!values.follow) return 0;
  for await (const record of followRecords(dir, { ends, signal: ended.signal })) {
    process.stdout.write(`${renderRecord(record)}\n`);
  }
  return 0;
}
