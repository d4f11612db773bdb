// Required before everything else, because libuv reads this once, at the first use of its threads, which is while
// modules are loaded. The webhook's only work for them is to verify signatures. Four of them, the default, on two cores
// take turns with the thread that does the rest: one thread less than there are cores makes a third more requests per second
// on two of them (`npm run bench -- webhook`). https://docs.libuv.org/en/v1.x/threadpool.html
const { availableParallelism } = require("node:os");

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(1, Math.min(4, availableParallelism() - 1)));
