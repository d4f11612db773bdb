// BullMQ publishes no entry for single files. The two builds hold the same code: `cjs` runs on Node and bundles for
// Workers, `esm` (which Node can't load) has the types.
declare module "bullmq/dist/cjs/classes/redis-queue-backend.js" {
  export * from "bullmq/dist/esm/classes/redis-queue-backend.js";
}
declare module "bullmq/dist/cjs/classes/queue-keys.js" {
  export * from "bullmq/dist/esm/classes/queue-keys.js";
}
declare module "bullmq/dist/cjs/classes/ioredis-client.js" {
  export * from "bullmq/dist/esm/classes/ioredis-client.js";
}
declare module "bullmq/dist/cjs/scripts/addStandardJob-9.js" {
  export * from "bullmq/dist/esm/scripts/addStandardJob-9.js";
}
declare module "bullmq/dist/cjs/scripts/index.js" {
  export * from "bullmq/dist/esm/scripts/index.js";
}
declare module "bullmq/dist/cjs/version.js" {
  export * from "bullmq/dist/esm/version.js";
}
