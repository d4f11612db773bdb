/** Where a person's wish to stop a job lies in the store. */
export const cancelKey = (jobId: string): string => `cancel:${jobId}`;

/** Where a producer takes back a job whose fate it never learnt. */
export const withdrawnKey = (jobId: string): string => `withdrawn:${jobId}`;

/** Both stay longer than any job waits or runs. */
export const KEY_TTL_MS = 86_400_000;
