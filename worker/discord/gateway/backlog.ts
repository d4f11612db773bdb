export interface BacklogOptions {
  /** How many tasks run at once. */
  concurrency: number;
  /** How many may wait beside them. */
  limit: number;
}

/** What has been heard and not yet dealt with: a bounded number, however many messages come. */
export interface Backlog {
  /** Tasks under one key run one after the other, in the order of their coming. `false`: there was no room. */
  add(key: string, task: () => Promise<void>): boolean;
  /** How many run or wait. */
  size(): number;
  /** Resolves when there is nothing left. */
  drained(): Promise<void>;
}

/** Tasks must not reject. */
export function createBacklog({ concurrency, limit }: BacklogOptions): Backlog {
  const waiting: { key: string; task: () => Promise<void> }[] = [];
  const running = new Map<string, Promise<void>>();

  function start(): void {
    while (running.size < concurrency) {
      const index = waiting.findIndex(({ key }) => !running.has(key));
      const [next] = index < 0 ? [] : waiting.splice(index, 1);
      if (next === undefined) return;
      const { key, task } = next;
      const ended = task().finally(() => {
        running.delete(key);
        start();
      });
      running.set(key, ended);
    }
  }

  return {
    add(key, task) {
      if (waiting.length >= limit) return false;
      waiting.push({ key, task });
      start();
      return true;
    },
    size: () => waiting.length + running.size,
    async drained() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
