import { expect, test } from "vitest";
import type { AccessLists, Caller, Level } from "../../src/access.ts";
import type { Standing } from "../../worker/claudetools/discord-users.ts";
import { createPermit } from "../../worker/permit.ts";

const lists: AccessLists = {
  ...{ guildId: "1", adminRoles: [], techRoles: [], adminUsers: ["100"], techUsers: ["200"] },
  roleTenants: [],
};
const caller = (userId: string): Caller => ({ userId, roleIds: [], guildId: "1" });

const known = (level: "admin" | "tech" | "none"): Standing => {
  return { kind: "known", role: level, level, user: undefined };
};
const silent: Standing = { kind: "silent" };
const [admin, tech, nobody] = [caller("100"), caller("200"), caller("999")];
test.for<[name: string, who: Caller, standing: Standing, required: Level, outcome: object]>([
  ["admin and silence are admin", admin, silent, "admin", { level: "admin" }],
  ["admin and admin are admin", admin, known("admin"), "admin", { level: "admin" }],
  ["admin and tech are tech", admin, known("tech"), "tech", { level: "tech" }],
  ["admin and tech are no admin", admin, known("tech"), "admin", { code: "NOT_ADMIN" }],
  ["tech and admin are tech", tech, known("admin"), "tech", { level: "tech" }],
  ["tech and admin are no admin", tech, known("admin"), "admin", { code: "NOT_ADMIN" }],
  ["admin and none are nobody", admin, known("none"), "tech", { code: "CLAUDETOOLS_ROLE" }],
  ["nobody and admin are nobody", nobody, known("admin"), "tech", { code: "NO_ROLE" }],
])("%s", async ([, who, standing, required, outcome]) => {
  const permit = createPermit({ lists, users: { standingOf: async () => standing } });
  expect(await permit(who, required, new AbortController().signal)).toMatchObject(outcome);
});
