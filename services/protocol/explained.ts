/**
 * An error whose message is written for an operator and may be logged: nothing personal, nothing of a key. Messages of libraries
 * are not logged; they may quote what they were given. Stays inside the service: callers get INTERNAL_ERROR.
 */
export class Explained extends Error {
  /** What operators are woken with. */
  readonly alert: string;
  constructor(alert: string, message: string) {
    super(message);
    this.alert = alert;
  }
}
