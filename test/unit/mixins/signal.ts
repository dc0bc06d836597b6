/** Something a test waits for. */
export function signal() {
  let set!: () => void;
  const happened = new Promise<void>((resolve) => (set = resolve));
  return { set, happened };
}
