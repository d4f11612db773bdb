import { readFileSync } from "node:fs";
import * as z from "zod";

/** As in package.json, which stands beside this folder in every installation. */
export const RELEASE: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))).version;
