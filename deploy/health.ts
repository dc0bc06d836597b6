/** Is the gateway of this container alive? `node deploy/health.ts http://127.0.0.1:3000/health/live` ends with 0 when it is. */
const answer = await fetch(process.argv[2]!, { signal: AbortSignal.timeout(3_000) });
process.exit(answer.ok ? 0 : 1);
