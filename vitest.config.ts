import { builtinModules } from "node:module";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    maxWorkers: 2,
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
