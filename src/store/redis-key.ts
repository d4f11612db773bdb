/** The store's keys lie beside the queues', under the same prefix. */
export function storeKey(prefix: string, key: string): string {
  return `${prefix}:store:${key}`;
}
