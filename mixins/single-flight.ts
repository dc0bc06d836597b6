/**
 * Within this node, work under one key runs once at a time: who asks meanwhile gets the same outcome.
 * Between nodes the compare-and-set in the owner's record decides.
 */
export function singleFlight<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key, work) => {
    const present = running.get(key);
    if (present) return present;
    const started = Promise.resolve()
      .then(work)
      .finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
