/** Milliseconds since the epoch. With the embedded database the host's clock is the database's clock. */
type Source = () => number;
let source: Source = Date.now;

/**
 * The one clock of the platform. Tests move it with `use`; nothing in production does.
 */
export const clock = {
  now: (): number => source(),
  use(next: Source): void {
    source = next;
  },
};
