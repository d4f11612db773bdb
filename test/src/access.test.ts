import { describe, expect, test } from "vitest";
import { type AccessLists, authorise, type Caller } from "../../src/access.ts";

const CONTOSO = "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21";
const FABRIKAM = "8f4e2b61-0000-4e2a-9b57-0d6a4f1c8e22";
const lists: AccessLists = {
  ...{ guildId: "1", adminRoles: ["10"], techRoles: ["20"], adminUsers: ["100"], techUsers: ["200"] },
  roleTenants: [
    { roleId: "30", tenantId: CONTOSO },
    { roleId: "30", tenantId: FABRIKAM },
    { roleId: "10", tenantId: CONTOSO },
  ],
};
const caller = (roleIds: string[], userId = "999"): Caller => ({ userId, roleIds, guildId: "1" });

describe("tenants", () => {
  test.for<[who: string, caller: Caller, tenantIds: string[] | undefined]>([
    ["a technician without a list may look at all", caller(["20"]), undefined],
    ["a role with a list limits whoever holds it", caller(["20", "30"]), [CONTOSO, FABRIKAM]],
    ["an administrator's role too", caller(["10"]), [CONTOSO]],
    ["lists add up", caller(["10", "30"]), [CONTOSO, FABRIKAM]],
    ["an administrator by user id has no role's list", caller([], "100"), undefined],
  ])("%s", ([, who, tenantIds]) => {
    expect(authorise(who, "tech", lists)).toMatchObject({ kind: "allowed", tenantIds });
  });

  test("a list alone lets nobody in", () => {
    expect(authorise(caller(["30"]), "tech", lists)).toMatchObject({ kind: "denied", code: "NO_ROLE" });
  });
});
