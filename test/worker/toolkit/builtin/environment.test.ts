import { expect, test } from "vitest";
import { readLoginOrigin, readSettings } from "../../../../worker/toolkit/builtin/environment.ts";

test("without addresses, Microsoft's are used", () => {
  expect(readSettings({})).toMatchObject({
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
  expect(readSettings({ GRAPH_BASE_URL: given }).graphOrigin).toBe(origin);
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

test.each<[platform: NodeJS.Platform, env: Record<string, string>, folder: string | undefined]>([
  ["linux", { HOME: "/home/bot" }, "/home/bot/.cache/msp-discord-bot"],
  ["win32", { LOCALAPPDATA: "/AppData/Local", HOME: "/home/bot" }, "/AppData/Local/msp-discord-bot"],
  ["linux", {}, undefined],
  ["win32", { HOME: "/home/bot" }, undefined],
])("on %s with %j tokens are kept below %s", (platform, env, folder) => {
  expect(readSettings(env, platform).cacheFolder).toBe(folder);
});

test("all problems come at once", () => {
  expect(() => readSettings({ GRAPH_BASE_URL: "x", LOGIN_BASE_URL: "y" })).toThrow(
    /LOGIN_BASE_URL: .+\nGRAPH_BASE_URL: /,
  );
});
