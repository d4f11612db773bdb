/**
 * Stands in the environment of every process of one run, and so finds also those that have left its process
 * group and whose parent is gone: descendants inherit it.
 */
export const RUN_ID = "TOOLKIT_RUN_ID";

// Nothing else of our environment reaches a script: ours holds the bot's token and the API keys.
const POSIX_NAMES = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "TMP",
  "TEMP",
];
const WINDOWS_NAMES = [
  ...POSIX_NAMES,
  ...["APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "MSYSTEM", "NUMBER_OF_PROCESSORS", "OS"],
  ...[
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "USERDOMAIN",
  ],
  ...["USERNAME", "USERPROFILE", "WINDIR"],
];

/** What every script may see of this process's environment. Windows ignores the case of names, so the result is upper case there. */
export function systemEnvironment(
  env: Readonly<NodeJS.ProcessEnv>,
  platform: NodeJS.Platform,
): Record<string, string> {
  return pick(env, platform, (name) => (platform === "win32" ? WINDOWS_NAMES : POSIX_NAMES).includes(name));
}

const MICROSOFT_ORIGINS = ["GRAPH_BASE_URL", "LOGIN_BASE_URL", "EXCHANGE_BASE_URL"];

/** What the built-in toolkit needs on top: Microsoft's addresses and the app registrations (`M365_*`). */
export function microsoftEnvironment(
  env: Readonly<NodeJS.ProcessEnv>,
  platform: NodeJS.Platform,
): Record<string, string> {
  return pick(env, platform, (name) => name.startsWith("M365_") || MICROSOFT_ORIGINS.includes(name));
}

function pick(
  env: Readonly<NodeJS.ProcessEnv>,
  platform: NodeJS.Platform,
  isWanted: (name: string) => boolean,
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [key, value] of Object.entries(env)) {
    const name = platform === "win32" ? key.toUpperCase() : key;
    // An empty variable counts as missing, as in our own configuration.
    if (value && isWanted(name)) picked[name] = value;
  }
  return picked;
}
