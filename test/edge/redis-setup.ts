import type { TestProject } from "vitest/node";
import { createRedisServer, freePort, redisMissing } from "../redis-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    redisUrl: string | undefined;
    frozenRedisUrl: string | undefined;
    absentRedisUrl: string;
  }
}

/** The servers that the tests in workerd talk to; nothing can be started from inside. */
export default async function setup(project: TestProject) {
  project.provide("absentRedisUrl", `redis://127.0.0.1:${await freePort()}`);
  if (redisMissing) {
    project.provide("redisUrl", undefined);
    project.provide("frozenRedisUrl", undefined);
    return;
  }
  const servers = await Promise.all([createRedisServer(), createRedisServer()]);
  const [running, frozen] = servers;
  frozen.freeze();
  project.provide("redisUrl", running.url);
  project.provide("frozenRedisUrl", frozen.url);
  return () => Promise.all(servers.map((server) => server.stop()));
}
