import { expect, test } from "vitest";
import { readInvestigatorSettings, readLoginOrigin } from "../../../../worker/toolkit/builtin/environment.ts";

const APP = { M365_CLIENT_ID: "common-id", M365_CLIENT_SECRET: "common-secret" };

test("without addresses, Microsoft's are used", () => {
  expect(readInvestigatorSettings(APP)).toMatchObject({
    graphOrigin: "https://graph.microsoft.com",
    loginOrigin: "https://login.microsoftonline.com",
    exchangeOrigin: "https://outlook.office365.com",
  });
});

test.each([
  ["https://graph.microsoft.us", "https://graph.microsoft.us"],
  ["https://graph.microsoft.com/", "https://graph.microsoft.com"],
  ["http://127.0.0.1:8123", "http://127.0.0.1:8123"],
  ["http://localhost:8123", "http://localhost:8123"],
  ["http://[::1]:8123", "http://[::1]:8123"],
])("%s is an address to send a token to", (given, origin) => {
  expect(readInvestigatorSettings({ ...APP, GRAPH_BASE_URL: given }).graphOrigin).toBe(origin);
});

test.each([
  "http://graph.microsoft.com",
  "http://127.0.0.1.evil.example",
  "http://192.0.2.1",
  "https://user:password@graph.microsoft.com",
  "https://graph.microsoft.com/v1.0",
  "https://graph.microsoft.com?x=1",
  "ftp://127.0.0.1",
  "graph.microsoft.com",
])("%s is refused, and not repeated", (given) => {
  const message =
    "LOGIN_BASE_URL: Expected an origin without a path: https, or http on 127.0.0.1 or localhost only.";
  expect(() => readLoginOrigin({ LOGIN_BASE_URL: given })).toThrow(message);
});

test.each([
  [{}, "M365_CLIENT_ID and M365_CLIENT_SECRET"],
  [{ M365_CLIENT_ID: "id", M365_CLIENT_SECRET: " " }, "Expected M365_CLIENT_SECRET in"],
  [{ ...APP, M365_INVESTIGATOR_CLIENT_ID: "id" }, "Expected M365_INVESTIGATOR_CLIENT_SECRET in"],
])("an app that is not complete is named: %j", (env, expected) => {
  expect(() => readInvestigatorSettings(env)).toThrow(expected);
});

test("all problems come at once", () => {
  expect(() => readInvestigatorSettings({ GRAPH_BASE_URL: "x", LOGIN_BASE_URL: "y" })).toThrow(
    /LOGIN_BASE_URL: .+\nGRAPH_BASE_URL: /,
  );
});
