/** The four methods that both sides log through: pino on Node, `console` on Workers. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  /** We coped. */
  warn(fields: object, message: string): void;
  /** A person must look. */
  error(fields: object, message: string): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: object): Log;
}
