import { createCheckOnboarding } from "./check-onboarding.ts";
import { runAsProcess } from "./program.ts";

await runAsProcess(createCheckOnboarding());
