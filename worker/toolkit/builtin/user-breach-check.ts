import { createCheckUser } from "./check-user.ts";
import { runAsProcess } from "./program.ts";

await runAsProcess(createCheckUser());
