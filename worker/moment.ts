/** @example "2026-11-22 09:00 UTC" */
export function moment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
