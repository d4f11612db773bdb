import { builtinModules } from "node:module";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** They wait for processes, deadlines and outages. Begun last, each would run on alone when all others are done. */
const LONGEST = ["processes", "src/jobs/redis", "product", "src/jobs/embedded", "edge/producer", "ask"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    // Twice the cores of a small machine: the longest tests wait for half of their time.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/edge/**"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          isolate: false,
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: "./test/edge/worker.ts",
            miniflare: { compatibilityDate: "2026-04-01", compatibilityFlags: ["nodejs_compat"] },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/edge/**/*.test.ts"],
          globalSetup: ["./test/edge/redis-setup.ts"],
          deps: {
            optimizer: {
              ssr: {
                enabled: true,
                // CommonJS, which workerd does not load unbundled.
                include: [
                  "discord-api-types/payloads/v10",
                  "discord-interactions",
                  "ioredis",
                  "bullmq/dist/cjs/classes/ioredis-client.js",
                  "bullmq/dist/cjs/classes/queue-keys.js",
                  "bullmq/dist/cjs/classes/redis-queue-backend.js",
                  "bullmq/dist/cjs/scripts/addStandardJob-9.js",
                  "bullmq/dist/cjs/version.js",
                ],
                rolldownOptions: { external: builtinModules.flatMap((name) => [name, `node:${name}`]) },
              },
            },
          },
        },
      },
    ],
  },
});
