const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

// Signals and the exit belong to the whole process, so this list of what is running does as well.
const running = new Set<() => void>();

/**
 * Calls `kill` when this process exits, or is about to be ended by a signal that nobody handles, so that scripts
 * do not run on without us. Where somebody handles the signal, the script goes on until they abort it or exit.
 *
 * SIGKILL and a crash of the machine leave no time for it. On POSIX the scripts then run on to their end (theirs
 * only read, and the next run takes only what is new); on Windows libuv's job object ends the program that we
 * started, but not the command that it was running.
 * @param kill - Must not wait.
 * @returns Takes it back.
 */
export function endWithThisProcess(kill: () => void): () => void {
  if (running.size === 0) listen();
  running.add(kill);
  return () => {
    running.delete(kill);
    if (running.size === 0) unlisten();
  };
}

function listen(): void {
  process.on("exit", killAll);
  for (const name of SIGNALS) process.on(name, endBy);
}

function unlisten(): void {
  process.off("exit", killAll);
  for (const name of SIGNALS) process.off(name, endBy);
}

function killAll(): void {
  for (const kill of running) kill();
}

// Listening to a signal takes away its usual effect, so that is brought about here.
function endBy(name: NodeJS.Signals): void {
  if (process.listenerCount(name) > 1) return;
  killAll();
  unlisten();
  process.kill(process.pid, name);
}
