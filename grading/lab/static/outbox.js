// What a grader entered and the server has not confirmed: kept in this browser, sent one after the other.

const WAITS = [2000, 4000, 8000, 15000];

export class Refused extends Error {
  constructor(status, problem) {
    super(problem);
    this.status = status;
  }
}

export function sender(base) {
  return async (action, body, lasting = false) => {
    const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
    const answer = await fetch(`${base}grading/api/reflections${action && `/${action}`}`, {
      method: body ? "POST" : "GET",
      headers: { "Content-Type": "application/json", "X-XSRFToken": decodeURIComponent(token) },
      body: body && JSON.stringify(body),
      credentials: "same-origin",
      keepalive: lasting,
    });
    const data = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, data.problem ?? data.message ?? answer.statusText);
    return data;
  };
}

// Sent twice, or overtaken on the way: the server knows by this number which change of a tab is the newest. It
// grows also over a reload, and where the computer's clock is set back.
let last = 0;

function nextTurn() {
  try {
    last = Math.max(last, Number(sessionStorage["grading:turn"] ?? 0));
  } catch {
    // A browser that keeps nothing draws another name for the tab at a reload, and so begins anew.
  }
  last = Math.max(Date.now(), last + 1);
  try {
    sessionStorage["grading:turn"] = last;
  } catch {
    // As above.
  }
  return last;
}

export class Outbox {
  // `prefix` names rater and prompt in this browser's storage; `post` sends; the others are told what happens.
  constructor(prefix, post, { onSaved, onConflict, onTrouble }) {
    Object.assign(this, { prefix, post, onSaved, onConflict, onTrouble });
    this.entries = new Map();
    this.held = new Set();
    this.tries = 0;
    this.busy = false;
    this.timer = 0;
    this.safe = true;
    this.closed = false;
    for (const key of this.keys()) {
      try {
        const kept = JSON.parse(localStorage.getItem(key));
        if (kept?.levels) this.entries.set(key.slice(prefix.length), kept);
      } catch {
        localStorage.removeItem(key);
      }
    }
  }

  keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    } catch {
      return [];
    }
  }

  keep(id) {
    try {
      if (this.entries.has(id)) localStorage.setItem(this.prefix + id, JSON.stringify(this.entries.get(id)));
      else localStorage.removeItem(this.prefix + id);
      this.safe = true;
    } catch {
      this.safe = false;
    }
  }

  put(id, entry, delay = 0) {
    this.entries.set(id, { ...entry, turn: nextTurn() });
    this.held.delete(id);
    this.keep(id);
    this.soon(delay);
  }

  drop(id) {
    this.entries.delete(id);
    this.held.delete(id);
    this.keep(id);
  }

  soon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  get waiting() {
    return [...this.entries.keys()].filter((id) => !this.held.has(id));
  }

  async send() {
    if (this.busy) return;
    const id = this.waiting[0];
    if (id === undefined) return;
    const entry = this.entries.get(id);
    const sent = JSON.stringify(entry);
    this.busy = true;
    let wait = 0;
    try {
      const answer = await this.post("save", { text: id, ...entry });
      this.tries = 0;
      const now = this.entries.get(id);
      if (answer.conflict !== undefined) {
        this.held.add(id);
        if (!this.closed) this.onConflict(id, answer);
      } else {
        if (JSON.stringify(now) === sent) this.drop(id);
        else if (now) {
          now.base = answer.rating.lines;
          delete now.decided;
          this.keep(id);
        }
        if (!this.closed) this.onSaved(id, answer);
      }
    } catch (error) {
      if (error instanceof Refused && (error.status === 400 || error.status === 404)) this.held.add(id);
      else {
        wait = WAITS[Math.min(this.tries, WAITS.length - 1)];
        this.tries += 1;
      }
      if (!this.closed) this.onTrouble(id, error);
    } finally {
      this.busy = false;
    }
    if (this.waiting.length && !this.closed) this.soon(wait);
  }

  // Another prompt or another grader takes the desk; what is not sent yet stays written down for the next time.
  close() {
    clearTimeout(this.timer);
    this.flush();
    this.closed = true;
  }

  // The page is about to go: what is written down is sent again at the next visit, whatever becomes of this.
  flush() {
    for (const id of this.waiting) {
      this.post("save", { text: id, ...this.entries.get(id) }, true).catch(() => {});
    }
  }
}
