import { statfs } from "node:fs/promises";
import type { Probe } from "../probe.ts";

const GIB = 1024 ** 3;
/** A sweep of a large tenant leaves some hundred megabytes, and the embedded database must never run full. */
const LOW_GIB = 2;

/** Room for cases and for the embedded queue. */
export function diskProbe(folder: string): Probe {
  return {
    name: "Disk",
    adviceOnFailure: "Check that DATA_DIR exists and that the worker may use it.",
    async look() {
      const { bavail, bsize } = await statfs(folder);
      const freeGib = (bavail * bsize) / GIB;
      const figure = `${freeGib.toFixed(1)} GiB free in DATA_DIR`;
      if (freeGib >= LOW_GIB) return { state: "ok", figure };
      return { state: "warning", figure, advice: "Make room: cases are kept there." };
    },
  };
}
