import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type GraphSandbox, startGraph } from "./graph.ts";

const NOW = Date.parse("2026-11-22T09:00:00Z");
const DAY_MS = 86_400_000;

let clockMs: number;
let graph: GraphSandbox;

beforeEach(async () => {
  clockMs = NOW;
  graph = await startGraph({ now: NOW, clock: () => clockMs, pageSize: 10 });
});
afterEach(() => graph.close());

const TokenAnswer = z.object({ access_token: z.string() });
const ErrorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const ListAnswer = z.object({
  "@odata.context": z.string(),
  "@odata.nextLink": z.string().optional(),
  value: z.array(z.looseObject({ id: z.string() })),
});

function tenantOf(domain: string) {
  const tenant = graph.tenants.find(({ domains }) => domains.some(({ id }) => id === domain));
  if (!tenant) throw new Error(`no tenant ${domain}`);
  return tenant;
}

function requestToken(tenant: string, change: Record<string, string> = {}) {
  return fetch(`${graph.loginUrl}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: graph.clientId,
      client_secret: graph.clientSecret,
      scope: "https://graph.microsoft.com/.default",
      ...change,
    }),
  });
}

async function signInTo(domain: string): Promise<(path: string) => Promise<Response>> {
  const { access_token } = TokenAnswer.parse(await (await requestToken(domain)).json());
  return (path) =>
    fetch(new URL(path, graph.graphUrl), { headers: { authorization: `Bearer ${access_token}` } });
}

async function errorCode(answer: Response | Promise<Response>): Promise<string> {
  const response = await answer;
  return `${response.status} ${ErrorAnswer.parse(await response.json()).error.code}`;
}

function signInsOf(domain: string, upn: string): string {
  const id = tenantOf(domain).users.find(({ user }) => user.userPrincipalName === upn)?.user.id;
  const since = new Date(NOW - 7 * DAY_MS).toISOString();
  return `/v1.0/auditLogs/signIns?$filter=${encodeURIComponent(`userId eq '${id}' and createdDateTime ge ${since}`)}`;
}

test("a domain, any further domain and the tenant id lead to the same issuer", async () => {
  const { id } = tenantOf("contoso.com");
  for (const name of ["contoso.com", "contoso.onmicrosoft.com", id]) {
    const answer = await fetch(`${graph.loginUrl}/${name}/v2.0/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({ issuer: `${graph.loginUrl}/${id}/v2.0` });
  }
});

test("an unknown domain is answered with AADSTS90002", async () => {
  const answer = await fetch(`${graph.loginUrl}/unknown.example/v2.0/.well-known/openid-configuration`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error_codes: [90002] });
});

test.each([
  ["a wrong secret", { client_secret: "wrong" }, 401, 7000215],
  ["an unknown app", { client_id: "0bd9d2a5-1111-4222-8333-444455556666" }, 400, 700016],
  ["another grant", { grant_type: "password" }, 400, 70003],
  ["a scope of another resource", { scope: "https://management.azure.com/.default" }, 400, 1002012],
])("%s gets no token", async (_what, change, status, code) => {
  const answer = await requestToken("contoso.com", change);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error_codes: [code] });
});

test("a token that the stand-in did not issue is refused, and so is one after an hour", async () => {
  const forged = `eyJhbGciOiJub25lIn0.${Buffer.from('{"roles":["User.Read.All"]}').toString("base64url")}.x`;
  const answer = fetch(`${graph.graphUrl}/v1.0/domains`, { headers: { authorization: `Bearer ${forged}` } });
  expect(await errorCode(answer)).toBe("401 InvalidAuthenticationToken");

  const get = await signInTo("contoso.com");
  expect((await get("/v1.0/domains")).status).toBe(200);
  clockMs += 3_600_000;
  expect(await errorCode(get("/v1.0/domains"))).toBe("401 InvalidAuthenticationToken");
});

test.each([
  ["User.Read.All", "/v1.0/users/adele@contoso.com", "403 Authorization_RequestDenied"],
  [
    "MailboxSettings.Read",
    "/v1.0/users/adele@contoso.com/mailFolders/inbox/messageRules",
    "403 ErrorAccessDenied",
  ],
  ["Mail.ReadBasic.All", "/v1.0/users/adele@contoso.com/mailFolders", "403 ErrorAccessDenied"],
  ["AuditLog.Read.All", "/v1.0/auditLogs/signIns", "403 Authentication_MSGraphPermissionMissing"],
  ["AuditLog.Read.All", "/beta/auditLogs/signIns", "403 Authentication_MSGraphPermissionMissing"],
  ["AuditLog.Read.All", "/v1.0/auditLogs/directoryAudits", "403 Authentication_MSGraphPermissionMissing"],
  [
    "Mail.ReadBasic.All",
    "/v1.0/users/adele@contoso.com/mailFolders/sentitems/messages",
    "403 ErrorAccessDenied",
  ],
  [
    "UserAuthenticationMethod.Read.All",
    "/v1.0/users/adele@contoso.com/authentication/methods",
    "403 accessDenied",
  ],
  ["Application.Read.All", "/v1.0/servicePrincipals", "403 Authorization_RequestDenied"],
  ["IdentityRiskyUser.Read.All", "/v1.0/identityProtection/riskyUsers/x", "403 Forbidden"],
  ["IdentityRiskEvent.Read.All", "/v1.0/identityProtection/riskDetections", "403 Forbidden"],
])("without %s, %s is refused", async (role, path, expected) => {
  const { app } = tenantOf("contoso.com");
  app.roles = app.roles.filter((granted) => granted !== role && granted !== "Directory.Read.All");
  expect(await errorCode((await signInTo("contoso.com"))(path))).toBe(expected);
});

test("a token of one tenant does not see users of another", async () => {
  const get = await signInTo("fabrikam.com");
  expect(await errorCode(get("/v1.0/users/adele@contoso.com"))).toBe("404 Request_ResourceNotFound");
});

test("pages are followed by an opaque link, and together they hold each sign-in of the window once, newest first", async () => {
  const get = await signInTo("contoso.com");
  const rows = [];
  let next: string | undefined = signInsOf("contoso.com", "adele@contoso.com");
  let pages = 0;
  while (next !== undefined) {
    const page: z.output<typeof ListAnswer> = ListAnswer.parse(await (await get(next)).json());
    expect(page["@odata.context"]).toBe(`${graph.graphUrl}/v1.0/$metadata#auditLogs/signIns`);
    rows.push(...page.value);
    next = page["@odata.nextLink"];
    pages += 1;
  }
  expect(pages).toBe(3);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  const times = rows.map(({ createdDateTime }) => String(createdDateTime));
  expect(times).toEqual([...times].sort().reverse());
  expect(times.every((time) => /\.\d{7}Z$/.test(time) && Date.parse(time) >= NOW - 7 * DAY_MS)).toBe(true);
});

test.each([
  "/v1.0/auditLogs/signIns?$skip=10",
  "/v1.0/auditLogs/signIns?$top=1001",
  "/v1.0/auditLogs/signIns?$skiptoken=made-up",
  "/v1.0/auditLogs/signIns?$filter=startswith(userPrincipalName,'adele')",
  "/v1.0/auditLogs/signIns?$filter=userId eq 'a' or userId eq 'b'",
  "/v1.0/auditLogs/signIns?$filter=createdDateTime ge yesterday",
  "/v1.0/domains?$filter=isVerified eq true",
  "/v1.0/users/adele@contoso.com?$select=id,favouriteColour",
  "/v1.0/auditLogs/signIns?$filter=signInEventTypes/any(t: t eq 'nonInteractiveUser')",
  "/beta/auditLogs/signIns?$filter=signInEventTypes/all(t: t eq 'nonInteractiveUser')",
  "/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t: t/displayName eq 'x')",
  "/v1.0/auditLogs/directoryAudits?$orderby=activityDateTime",
  "/v1.0/servicePrincipals?$filter=displayName in ('x')",
  `/v1.0/servicePrincipals?$filter=id in (${Array.from({ length: 16 }, (_, n) => `'${n}'`)})`,
  "/v1.0/users/adele@contoso.com/mailFolders/sentitems/messages?$select=subject,body",
])("what Graph does not support is a 400: %s", async (path) => {
  expect(await errorCode((await signInTo("contoso.com"))(path))).toBe("400 BadRequest");
});

test("a free tenant has no sign-in log, and P1 hides its risk levels", async () => {
  const free = await signInTo("fabrikam.com");
  expect(await errorCode(free("/v1.0/auditLogs/signIns"))).toBe(
    "403 Authentication_RequestFromNonPremiumTenantOrB2CTenant",
  );
  const p1 = await signInTo("northwind.com");
  const { value } = ListAnswer.parse(await (await p1("/v1.0/auditLogs/signIns")).json());
  expect(value[0]).toMatchObject({ riskLevelDuringSignIn: "hidden", riskLevelAggregated: "hidden" });
});

test("beta holds the non-interactive sign-ins too, and returns them to who asks for them", async () => {
  const get = await signInTo("contoso.com");
  const types = async (filter: string) => {
    const { value } = ListAnswer.parse(await (await get(`/beta/auditLogs/signIns${filter}`)).json());
    return new Set(value.map(({ signInEventTypes }) => String(signInEventTypes)));
  };
  expect(await types("")).toEqual(new Set(["interactiveUser"]));
  expect(await types("?$filter=signInEventTypes/any(t: t eq 'nonInteractiveUser')")).toEqual(
    new Set(["nonInteractiveUser"]),
  );
  const { value } = ListAnswer.parse(await (await get("/v1.0/auditLogs/signIns")).json());
  expect(value[0]).not.toHaveProperty("signInEventTypes");
});

test("mails are sorted by what they are filtered by, or not at all", async () => {
  const get = await signInTo("contoso.com");
  const path = "/v1.0/users/megan@contoso.com/mailFolders/sentitems/messages?$orderby=sentDateTime desc";
  expect((await get(`${path}&$filter=sentDateTime ge 2026-11-15T00:00:00Z`)).status).toBe(200);
  expect(await errorCode(get(`${path}&$filter=receivedDateTime ge 2026-11-15T00:00:00Z`))).toBe(
    "400 InefficientFilter",
  );
});

test.each(["fabrikam.com", "northwind.com"])("%s has no licence for identity protection", async (domain) => {
  const get = await signInTo(domain);
  const answer = await get("/v1.0/identityProtection/riskDetections");
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({
    error: { message: "Your tenant is not licensed for this feature." },
  });
});

test("identity protection lets one request through in a second and never says how long to wait", async () => {
  const get = await signInTo("contoso.com");
  const path = "/v1.0/identityProtection/riskDetections";
  expect((await get(path)).status).toBe(200);
  const throttled = await get(path);
  expect(throttled.status).toBe(429);
  expect(throttled.headers.get("retry-after")).toBeNull();

  clockMs += 900;
  expect((await get(path)).status).toBe(429);
  clockMs += 900;
  expect((await get(path)).status).toBe(429);
  clockMs += 1_000;
  expect((await get(path)).status).toBe(200);
});

test("the reports share one limit, and identity protection's is another", async () => {
  const get = await signInTo("contoso.com");
  for (const path of ["/v1.0/auditLogs/signIns", "/beta/auditLogs/signIns"]) {
    for (let count = 0; count < 2; count++) expect((await get(`${path}?$top=1`)).status).toBe(200);
  }
  expect((await get("/v1.0/auditLogs/directoryAudits?$top=1")).status).toBe(200);
  expect((await get("/v1.0/auditLogs/directoryAudits?$top=1")).status).toBe(429);
  expect((await get("/v1.0/identityProtection/riskDetections")).status).toBe(200);
});

async function invoke(change: { scope?: string; cmdlet?: string; tenant?: string } = {}): Promise<Response> {
  const { scope = "https://outlook.office365.com/.default", cmdlet = "Get-Mailbox" } = change;
  const { id } = tenantOf("contoso.com");
  const { access_token } = TokenAnswer.parse(await (await requestToken(id, { scope })).json());
  return fetch(`${graph.exchangeUrl}/adminapi/beta/${change.tenant ?? id}/InvokeCommand`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${access_token}`,
      "content-type": "application/json",
      "x-anchormailbox": "UPN:adele@contoso.com",
    },
    body: JSON.stringify({
      CmdletInput: { CmdletName: cmdlet, Parameters: { Identity: "adele@contoso.com" } },
    }),
  });
}

test("Exchange takes a token of its own, and Graph does not take that one", async () => {
  expect((await invoke()).status).toBe(200);
  expect((await invoke({ scope: "https://graph.microsoft.com/.default" })).status).toBe(401);
  const { access_token } = TokenAnswer.parse(
    await (await requestToken("contoso.com", { scope: "https://outlook.office365.com/.default" })).json(),
  );
  const answer = fetch(`${graph.graphUrl}/v1.0/domains`, {
    headers: { authorization: `Bearer ${access_token}` },
  });
  expect(await errorCode(answer)).toBe("401 InvalidAuthenticationToken");
});

test("Exchange asks for a permission and for a role", async () => {
  const { app } = tenantOf("contoso.com");
  app.exchangeRole = false;
  expect(await errorCode(invoke())).toBe("401 Unauthorized");
  app.roles = app.roles.filter((role) => role !== "Exchange.ManageAsApp");
  const refused = await invoke();
  expect([refused.status, await refused.text()]).toEqual([401, ""]);
});

test("Exchange knows two cmdlets and one tenant to a token", async () => {
  expect((await invoke({ cmdlet: "Set-Mailbox" })).status).toBe(404);
  expect((await invoke({ tenant: tenantOf("fabrikam.com").id })).status).toBe(404);
  expect(graph.violations).toHaveLength(2);
});

test("the sixth report in ten seconds is throttled, and coming back early starts the wait anew", async () => {
  const get = await signInTo("contoso.com");
  const path = "/v1.0/auditLogs/signIns?$top=1";
  for (let count = 0; count < 5; count++) expect((await get(path)).status).toBe(200);

  const throttled = await get(path);
  expect(throttled.status).toBe(429);
  expect(throttled.headers.get("retry-after")).toBe("10");

  clockMs += 9_000;
  expect((await get(path)).status).toBe(429);
  expect(graph.violations).toEqual([expect.stringContaining("came back 1000 ms before Retry-After")]);

  clockMs += 9_000;
  expect((await get(path)).status).toBe(429);
  clockMs += 10_000;
  expect((await get(path)).status).toBe(200);
});

test("a fifth request to mailboxes at the same time is throttled", async () => {
  await graph.close();
  // The only answer to come is the one that is given at once.
  const never = new Promise<void>(() => {});
  graph = await startGraph({
    now: NOW,
    clock: () => clockMs,
    beforeAnswer: async (line) => (line.includes("mailFolders") ? never : undefined),
  });
  const get = await signInTo("contoso.com");
  const path = "/v1.0/users/megan@contoso.com/mailFolders";
  const first = await Promise.any(Array.from({ length: 5 }, () => get(path)));
  expect(first.status).toBe(429);
  expect(graph.requests.filter(({ url, status }) => url === path && status === "none")).toHaveLength(4);
});

test("the world has a compromised user, a clean one, one without a mailbox and a hostile one", async () => {
  const get = await signInTo("contoso.com");
  const rules = async (upn: string) => {
    const rows: Record<string, unknown>[] = [];
    const { value } = ListAnswer.parse(
      await (await get(`/v1.0/users/${upn}/mailFolders/inbox/messageRules`)).json(),
    );
    rows.push(...value);
    return rows;
  };
  expect((await rules("adele@contoso.com")).map(({ displayName }) => displayName)).toEqual([
    ".",
    "..",
    "Suppliers",
  ]);
  expect(await rules("megan@contoso.com")).toHaveLength(4);
  const [, , , opaque] = await rules("hostile@contoso.com");
  expect(opaque).toMatchObject({ isReadOnly: true });
  expect(opaque).not.toHaveProperty("actions");
  expect(await errorCode(get("/v1.0/users/alex@contoso.com/mailFolders/inbox/messageRules"))).toBe(
    "404 MailboxNotEnabledForRESTAPI",
  );
});

test("folders come as in Exchange: sub-folders and hidden ones only by id, ten to a page without $top", async () => {
  const get = await signInTo("contoso.com");
  const first = ListAnswer.parse(await (await get("/v1.0/users/megan@contoso.com/mailFolders")).json());
  const names = first.value.map(({ displayName }) => displayName);
  expect(names).toContain("RSS Feeds");
  expect(names).not.toContain("Newsletters");
  expect(names).not.toContain("Sync Issues");
});

test("a guest and a name with an apostrophe are found when the path is encoded", async () => {
  const get = await signInTo("contoso.com");
  const guest = encodeURIComponent("jane_fabrikam.com#EXT#@contoso.onmicrosoft.com");
  expect((await get(`/v1.0/users/${guest}?$select=userType`)).status).toBe(200);
  expect(await (await get("/v1.0/users/m.o%27neil@contoso.com?$select=userType")).json()).toEqual({
    "@odata.context": `${graph.graphUrl}/v1.0/$metadata#users(userType)/$entity`,
    userType: "Member",
  });
});

test("an unknown route is a violation", async () => {
  const get = await signInTo("contoso.com");
  expect((await get("/v1.0/nowhere")).status).toBe(404);
  expect((await fetch(`${graph.loginUrl}/common/oauth2/token`)).status).toBe(404);
  expect(graph.violations).toHaveLength(2);
});

test("a scripted fault meets as many requests as it was scripted for", async () => {
  const get = await signInTo("contoso.com");
  graph.faults.push({ on: /\/domains/, times: 2, fault: { kind: "status", status: 503 } });
  graph.faults.push({ on: /\/domains/, fault: { kind: "html" } });
  const answers = [];
  for (let count = 0; count < 4; count++) {
    const answer = await get("/v1.0/domains");
    answers.push(`${answer.status} ${answer.headers.get("content-type")?.split(";")[0]}`);
  }
  expect(answers).toEqual([
    "503 application/json",
    "503 application/json",
    "200 text/html",
    "200 application/json",
  ]);
});

test("the token is in the log of requests by its presence only", async () => {
  const get = await signInTo("contoso.com");
  await get("/v1.0/domains");
  expect(graph.requests.at(-1)).toEqual({
    host: "graph",
    method: "GET",
    url: "/v1.0/domains",
    authorised: true,
    status: 200,
  });
  expect(JSON.stringify(graph.requests)).not.toContain("eyJ");
});
