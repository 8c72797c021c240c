/** What one tab of the demo remembers: who is signed in, and what the demo did to the link that it opens. */

export interface Session {
  token: string;
  userId: string;
}

const sessionKey = "waxseal-demo-session";
const noteKey = "waxseal-demo-note";

export function readSession(): Session | undefined {
  const stored = sessionStorage.getItem(sessionKey);
  // Only saveSession writes this entry, and only this origin can.
  return stored === null ? undefined : (JSON.parse(stored) as Session);
}

export function saveSession(session: Session): void {
  sessionStorage.setItem(sessionKey, JSON.stringify(session));
}

export function forgetSession(): void {
  sessionStorage.removeItem(sessionKey);
}

/** Leaves an explanation for the verify page that is opened next. */
export function leaveDemoNote(text: string): void {
  sessionStorage.setItem(noteKey, text);
}

/** Takes the explanation: it belongs to one visit of the verify page. */
export function takeDemoNote(): string | undefined {
  const note = sessionStorage.getItem(noteKey) ?? undefined;
  sessionStorage.removeItem(noteKey);
  return note;
}
