import { createPrintToken } from "./print-token.ts";
import { runAsProcess } from "./program.ts";

await runAsProcess(createPrintToken());
