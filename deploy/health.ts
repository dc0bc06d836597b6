/** Is the gateway of this container alive? `node deploy/health.ts http://127.0.0.1:3000/health/live` ends with 0 when it is. */
const alive = await fetch(process.argv[2]!, { signal: AbortSignal.timeout(3_000) }).then(
  (answer) => answer.ok,
  () => false,
);
process.exit(alive ? 0 : 1);
