import { isAbsolute } from "node:path";
import { expect, test } from "vitest";
import { bashCommand, findBash, msysFolders } from "../../../worker/toolkit/bash.ts";

test.skipIf(process.platform === "win32")("bash is looked up in PATH, and its path is absolute", async () => {
  const bash = await findBash({ env: process.env });
  expect(isAbsolute(bash)).toBe(true);
  expect(bash).toMatch(/\/bash$/);
});

test("a folder of PATH that is not absolute is passed over", async () => {
  const search = findBash({ env: { PATH: "bin:." }, platform: "linux" });
  await expect(search).rejects.toMatchObject({ code: "BASH_NOT_FOUND" });
});

test("a bash that isn't there is named, with what to do", async () => {
  const search = findBash({ configured: "/nowhere/bash", env: {}, platform: "linux" });
  await expect(search).rejects.toMatchObject({
    code: "BASH_NOT_FOUND",
    message: expect.stringMatching(/\/nowhere\/bash.*GIT_BASH_PATH/),
  });
});

test.for([
  "C:\\Windows\\System32\\bash.exe",
  "C:\\Windows\\SYSNATIVE\\bash.exe",
  "/c/windows/system32/bash.exe",
  "C:\\Users\\bot\\AppData\\Local\\Microsoft\\WindowsApps\\bash.exe",
])("the bash of WSL is refused: %s", async (configured) => {
  const search = findBash({ configured, env: {}, platform: "win32" });
  await expect(search).rejects.toMatchObject({ message: expect.stringContaining("WSL") });
});

test("on Windows a bash without its folder is refused, since PATH would lead to WSL", async () => {
  const search = findBash({ configured: "bash", env: process.env, platform: "win32" });
  await expect(search).rejects.toMatchObject({ code: "BASH_NOT_FOUND" });
});

const gitBash = "C:\\Program Files\\Git\\bin\\bash.exe";
const script = "D:\\kit\\user-breach-check.sh";

test("a script is a file and its arguments are a vector, without profiles", () => {
  const args = ["a b", "$(id)"];
  expect(bashCommand({ bash: "/bin/bash", script: "/kit/a.sh", args, platform: "linux" })).toEqual({
    file: "/bin/bash",
    args: ["--noprofile", "--norc", "/kit/a.sh", "a b", "$(id)"],
  });
});

test("Git Bash gets the script's path as it writes paths", () => {
  const { args } = bashCommand({ bash: gitBash, script, args: ["jane@contoso.com"], platform: "win32" });
  expect(args).toEqual(["--noprofile", "--norc", "/d/kit/user-breach-check.sh", "jane@contoso.com"]);
});

test("an apostrophe in a sign-in name is quoted for MSYS, which would drop it", () => {
  expect(bashCommand({ bash: gitBash, script, args: ["o'brien@contoso.com"], platform: "win32" })).toEqual({
    file: gitBash,
    args: ['"--noprofile"', '"--norc"', '"/d/kit/user-breach-check.sh"', `"o'brien@contoso.com"`],
    argv0: `"${gitBash}"`,
    windowsVerbatimArguments: true,
  });
});

test.for([gitBash, "C:\\Program Files\\Git\\usr\\bin\\bash.exe"])(
  "MSYS's programs are found from %s",
  (bash) => {
    expect(msysFolders(bash)).toEqual([
      "C:\\Program Files\\Git\\mingw64\\bin",
      "C:\\Program Files\\Git\\usr\\bin",
    ]);
  },
);
