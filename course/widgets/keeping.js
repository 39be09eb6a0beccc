// Keeping what the learner chose: the literal in the cell is the truth, the kernel hears of it, and the
// status line says how it stands. Question, scenario and review share this.

const sameAnswer = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// A `view` tells the keeper how its widget works:
//   noun, thing      what the status line calls the answer ("answer") and the widget ("question")
//   unreadable       the sentence for a typed value that cannot be shown
//   isKnown(value)   whether a value read from the cell can be shown
//   show(value)      puts a value on screen; null is blank
//   isBlank(value)   whether there is nothing recorded to speak of (optional)
//   onForeign()      is called before a value is shown that was not chosen in this view (optional)
class Keeper {
  constructor(model, status, view) {
    this.model = model;
    this.status = status;
    this.view = { isBlank: (value) => value === null, onForeign: () => {}, ...view };
    this.answer = null; // what is shown
    this.inCell = model.get("pending") ? undefined : model.get("answer"); // as far as we know
    this.first = true;
    this.latest = 0; // changes made here are counted, so that a slow one gives way to a later one
    this.written = 0;
    this.cleared = false;
    this.trouble = "";
  }

  // Show what is recorded, now and after each change of the notebook. Returns what ends that.
  start(inputs) {
    this.model.on("change:answer", () => {
      if (!answerPlace(this.model).context) this.show(this.model.get("answer"));
    });
    this.show(this.model.get("answer"));
    this.trouble = this.model.get("problem") || "";
    this.refresh();
    takeFocus(answerPlace(this.model), inputs());
    return follow(this.model, () => this.refresh());
  }

  show(value) {
    this.answer = value;
    this.view.show(value);
  }

  push(value) {
    if (sameAnswer(value, this.model.get("answer"))) return;
    this.model.set("answer", value);
    this.save();
  }

  save() {
    try {
      this.model.save_changes();
    } catch {
      // A dead kernel: the notebook document has the answer.
    }
  }

  // Record a value. Where the file turns out to be newer than this page, `merge` makes the value from what
  // stands there; `focus` names the input to come back to.
  async choose(value, { focus, merge, cleared = this.view.isBlank(value) } = {}) {
    const mine = ++this.latest;
    this.cleared = cleared;
    this.trouble = "";
    let place = answerPlace(this.model);
    // One message for all: a second one waits for the kernel, and the cell may be run before it arrives.
    this.model.set("answer", value);
    this.model.set("pending", place.refused === "no-document" || place.refused === "other-notebook");
    this.save();
    this.show(value);
    this.report({});
    if (place.context && (await catchUp(place, focus))) {
      place = answerPlace(this.model, place.hosts);
      const there = place.context && place.read();
      if (mine === this.latest && merge && there !== undefined && this.view.isKnown(there)) {
        value = merge(there);
        this.show(value);
        this.push(value);
      }
    }
    if (mine !== this.latest) return;
    this.written = mine;
    if (place.context) {
      this.inCell = value;
      place.write(value);
      saverOf(place.context).request(place.cells, "choice");
    }
    this.report(place);
  }

  // The document is the truth; the value in the kernel counts only where there is no document.
  refresh() {
    const place = answerPlace(this.model);
    if (place.context && this.written === this.latest) {
      const value = place.read();
      const known = value !== undefined && this.view.isKnown(value);
      if (this.first || !known || !sameAnswer(value, this.inCell)) {
        this.inCell = value;
        this.trouble = known
          ? ""
          : (this.first && this.model.get("problem")) || this.trouble || this.view.unreadable;
        if (!this.first && !sameAnswer(known ? value : null, this.answer)) this.view.onForeign();
        this.show(known ? value : null);
        if (known) this.push(value);
      }
      this.first = false;
    } else if (place.refused === "cell-changed") this.inCell = undefined;
    this.report(place);
  }

  report(place = answerPlace(this.model)) {
    const { noun, thing } = this.view;
    const blank = this.view.isBlank(this.answer);
    const say = this.status.say;
    if (this.written < this.latest) say("Saving…");
    else if (this.trouble) say(this.trouble, true);
    else if (place.context) say(...savedStatus(place, noun, blank, this.cleared, thing));
    else if (place.refused === "instructor") say("Instructor copy: a choice made here is not stored.");
    else if (sameAnswer(this.answer, this.inCell))
      say(blank ? `No ${noun} yet.` : `Your ${noun} stands in the cell. Save the notebook to keep it.`);
    else say(this.refusal(place.refused), true);
  }

  refusal(why) {
    const { thing } = this.view;
    const typed = `answer=${formatLiteral(this.answer)}`;
    if (why === "no-document")
      return `Not kept yet: this editor does not let a ${thing} write into the notebook. Run this cell again, or type ${typed} in it, then save.`;
    if (why === "other-notebook")
      return `Not saved: two notebooks share one kernel, or this ${thing} is shown inside another widget. Type ${typed} in its cell, or give this notebook its own kernel and run all cells again.`;
    return `Not saved: the cell of this ${thing} was changed. Type ${callOf(this.model)}("${this.model.get("item")}", ${typed}) in it and run it.`;
  }
}
