import { expect, test } from "vitest";
import { microsoftEnvironment, systemEnvironment } from "../../../worker/toolkit/script-environment.ts";

const ours = {
  PATH: "/usr/bin",
  HOME: "/home/bot",
  Path: "not on POSIX",
  DISCORD_TOKEN: "canary",
  ANTHROPIC_API_KEY: "canary",
  CLAUDETOOLS_API_KEY: "canary",
  REDIS_URL: "canary",
  NODE_OPTIONS: "--require=/canary.js",
  BASH_ENV: "/canary.sh",
  M365_CLIENT_ID: "id",
  M365_INVESTIGATOR_CLIENT_SECRET: "secret",
  M365_CLIENT_SECRET: "",
  GRAPH_BASE_URL: "http://127.0.0.1:9",
};

test("a script sees the system's variables and nothing of ours", () => {
  expect(systemEnvironment(ours, "linux")).toEqual({ PATH: "/usr/bin", HOME: "/home/bot" });
});

test("on Windows names are taken in any case, with what Git Bash needs there", () => {
  const windows = {
    Path: "C:\\Windows",
    SystemRoot: "C:\\Windows",
    windir: "C:\\Windows",
    Discord_Token: "canary",
  };
  expect(systemEnvironment(windows, "win32")).toEqual({
    PATH: "C:\\Windows",
    SYSTEMROOT: "C:\\Windows",
    WINDIR: "C:\\Windows",
  });
});

test("the Microsoft variables are those of the app registrations and the three addresses, without empty ones", () => {
  expect(microsoftEnvironment(ours, "linux")).toEqual({
    M365_CLIENT_ID: "id",
    M365_INVESTIGATOR_CLIENT_SECRET: "secret",
    GRAPH_BASE_URL: "http://127.0.0.1:9",
  });
});
