// Saving the notebook after an answer. One Saver per open notebook, shared by all its widgets: each widget
// is a module of its own, and two saves at once would make JupyterLab ask about a conflict with itself.

const SAVE_AFTER = { choice: 300, text: 1000, textAtMost: 5000 }; // milliseconds
const PATIENCE = { probe: 1000, otherSave: 5000, refocus: 1000, retry: [3000, 6000, 12000, 30000] }; // milliseconds

// The server tells a failed save in words for its owner, with paths and numbers; here is what a student needs.
const REASONS = [
  [/\[Errno 28\]|no space left|quota/i, "the disk is full"],
  [/permission denied|\[Errno 30\]|read-only/i, "this notebook may only be read, not changed"],
];
const reasonOf = (told) => REASONS.find(([words]) => words.test(told))?.[1] ?? told;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const savers = (globalThis[Symbol.for("safe-and-welcome.savers")] ??= new WeakMap());

function saverOf(context) {
  if (!savers.has(context)) savers.set(context, new Saver(context));
  return savers.get(context);
}

// The editor's own saves wait for nobody, such as that of the button Validate: it comes while ours, made as
// the focus leaves a text box, is on its way. So each save of this page waits for the one before.
function oneSaveAtATime(context) {
  const save = context.save.bind(context);
  let last = Promise.resolve();
  context.save = (...options) => {
    const mine = last.then(() => save(...options));
    last = mine.catch(() => undefined);
    return mine;
  };
}

class Saver {
  constructor(context) {
    this.context = context;
    this.state = "idle"; // idle | waiting | saving | offline | stale | failed
    this.error = "";
    this.wanted = new Map(); // cell id -> kind of change, of the cells to be saved
    this.onDisk = new Map(); // cell id -> source, as far as we know
    this.listeners = new Set();
    this.retries = 0;
    this.focus = null; // {cells, value, until}: where the focus was before the notebook was reloaded
    if (context.model.dirty) this.readDisk();
    else this.onDisk = this.sources();
    oneSaveAtATime(context);
    context.saveState.connect((_, phase) => this.onSaveState(phase));
    context.fileChanged.connect(() => this.onFileChanged());
    const flush = () => this.flush();
    const whenHidden = () => document.visibilityState === "hidden" && flush();
    window.addEventListener("pagehide", flush);
    window.addEventListener("online", flush);
    document.addEventListener("visibilitychange", whenHidden);
    context.disposed.connect(() => {
      clearTimeout(this.timer);
      window.removeEventListener("pagehide", flush);
      window.removeEventListener("online", flush);
      document.removeEventListener("visibilitychange", whenHidden);
    });
  }

  sources() {
    return new Map(cellsOf(this.context).map((cell) => [cell.id, sourceOf(cell)]));
  }

  // Saved means: the text of the cell is known to be on disk. JupyterLab's own dirty flag is not enough, as
  // it is cleared by a save that began before the change, and set by running a cell.
  isSaved(cells) {
    return cells.every((cell) => this.onDisk.get(cell.id) === sourceOf(cell));
  }

  isWanted(cells) {
    return cells.some((cell) => this.wanted.has(cell.id));
  }

  get contents() {
    return this.context._manager?.contents; // private; without it the checks below are left out
  }

  async readDisk() {
    try {
      const file = await this.contents.get(this.context.path, { content: true });
      const text = (source) => (Array.isArray(source) ? source.join("") : source);
      this.onDisk = new Map(file.content.cells.map((cell) => [cell.id, text(cell.source)]));
      this.tell();
    } catch {
      // Unknown stays unsaved: the wording is then cautious, and the next save settles it.
    }
  }

  onSaveState(phase) {
    this.inFlight = phase === "started";
    if (phase === "started") {
      this.snapshot = this.sources();
      this.firstCell = this.context.model.cells.get(0);
    }
    if (phase === "completed") {
      // A conflict that ends in "Revert" also completes; the cells are then new ones, read from disk.
      const reverted = this.context.model.cells.get(0) !== this.firstCell;
      this.onDisk = reverted ? this.sources() : this.snapshot;
      this.retries = 0;
      this.settle();
    }
  }

  onFileChanged() {
    if (!this.inFlight && !this.context.model.dirty) this.onDisk = this.sources();
    this.tell();
  }

  // Drop what is on disk now from the list of wishes.
  settle() {
    const now = this.sources();
    for (const id of [...this.wanted.keys()]) {
      if (!now.has(id) || now.get(id) === this.onDisk.get(id)) this.wanted.delete(id);
    }
    if (!this.wanted.size) this.state = "idle";
    this.tell();
  }

  tell(state) {
    if (state) this.state = state;
    for (const listener of this.listeners) listener();
  }

  request(cells, kind) {
    for (const cell of cells) this.wanted.set(cell.id, kind);
    const now = Date.now();
    this.since ??= now;
    const patience = kind === "text" ? this.since + SAVE_AFTER.textAtMost - now : SAVE_AFTER.choice;
    this.arm(Math.max(0, Math.min(SAVE_AFTER[kind], patience)));
    if (this.state === "idle" || this.state === "failed") this.state = "waiting";
    this.tell();
  }

  arm(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), delay);
  }

  // The save that a person asks for: with the editor's own questions and error messages.
  async saveAsAsked() {
    await this.otherSaveDone();
    await this.context.save();
  }

  flush() {
    if (!this.wanted.size) return;
    clearTimeout(this.timer);
    this.run();
  }

  async run() {
    this.since = undefined;
    if (this.running) {
      this.again = true; // a change during a save gets a save of its own
      return;
    }
    this.running = true;
    try {
      do {
        this.again = false;
        await this.saveOnce();
      } while (this.again && this.wanted.size);
    } finally {
      this.running = false;
    }
  }

  async saveOnce() {
    await this.otherSaveDone();
    if (this.context.isDisposed) return;
    this.settle();
    if (!this.wanted.size || this.context.model.collaborative) return;
    let disk = await this.probe(PATIENCE.otherSave);
    if (disk === "changed" && this.inFlight) {
      await this.otherSaveDone();
      disk = await this.probe(PATIENCE.otherSave);
    }
    if (disk === "offline") return this.retryLater();
    if (disk === "changed") return this.tell("stale");
    this.tell("saving");
    try {
      await this.context.save();
      if (this.wanted.size) this.again = true;
    } catch (error) {
      this.inFlight = false;
      this.error = reasonOf(error.message ?? String(error));
      this.tell(/^Modal/.test(error.name) ? "stale" : "failed");
    }
  }

  // Trying again without a sound: a failing context.save() would open an error dialog every time.
  retryLater() {
    this.tell("offline");
    this.arm(PATIENCE.retry[Math.min(this.retries++, PATIENCE.retry.length - 1)]);
  }

  async otherSaveDone() {
    const end = Date.now() + PATIENCE.otherSave;
    while (this.inFlight && Date.now() < end) await pause(50);
  }

  // The file as it is on disk, compared with what this page last read or wrote:
  // "same", "changed" (another tab or program), "offline", or "unknown".
  async probe(patience) {
    const known = this.context.contentsModel?.hash;
    if (!this.contents || this.context.model.collaborative) return "unknown";
    const late = pause(patience).then(() => "late");
    try {
      const file = await Promise.race([
        this.contents.get(this.context.path, { content: false, hash: true }),
        late,
      ]);
      if (file === "late") return "offline";
      return known && file.hash && file.hash !== this.context.contentsModel?.hash ? "changed" : "same";
    } catch (error) {
      return error.response && error.response.status < 500 && error.response.status !== 403
        ? "unknown"
        : "offline";
    }
  }

  // Before a change to a clean page: if the file on disk is newer, take it, so that nothing written in
  // another tab is lost. Returns whether the notebook was reloaded.
  async takeNewerFile(focus) {
    this.reload ??= this.reloadIfNewer().finally(() => (this.reload = null));
    this.focus = { ...focus, until: Infinity };
    const reloaded = await this.reload;
    // A reload may draw a view more than once, and each time the focus is lost.
    this.focus = reloaded ? { ...focus, until: Date.now() + PATIENCE.refocus } : null;
    return reloaded;
  }

  async reloadIfNewer() {
    const quiet = () => !this.context.model.dirty && !this.inFlight && !this.running;
    if (!quiet() || (await this.probe(PATIENCE.probe)) !== "changed" || !quiet()) return false;
    try {
      await this.context.revert();
    } catch {
      return false; // the editor reports it; the save that follows finds the conflict again
    }
    this.onDisk = this.sources();
    return true;
  }
}
