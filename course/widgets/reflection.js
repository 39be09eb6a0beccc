// The reflection: a text area that edits the Markdown cell right below, with a word count that never blocks.

// As `count_words` in course/scoring.py, which counts the same text for the points.
const countWords = (text) => (text.match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length;

function renderReflection(model, root) {
  const [least, most] = model.get("words");
  const rule = model.get("rule"); // what the length earns, where nothing else does
  const count = element("p", { className: "course-rule", id: freshId() });
  const area = focusable(element("textarea", { id: freshId(), rows: 7, "aria-describedby": count.id }));
  const label = element(
    "label",
    { className: "course-unseen", htmlFor: area.id },
    ...inline(model.get("text")),
  );
  const status = statusLine("course-status");
  const body = element("div", { className: "course-text" }, label, area, count);
  const restore = button("Put the text cell back", putBack);
  const actions = element("div", { className: "course-actions", hidden: true }, restore);
  root.append(element("div", { className: "course-box" }, body, status, actions));

  let known; // the text of the cell when last read or written
  let cleared = false;

  function showCount() {
    const words = countWords(area.value);
    const aim = least ? `Aim for ${least} to ${most}.` : `Up to ${most} are fine.`;
    const goal = rule && words >= least ? ": long enough." : `. ${aim}`;
    count.textContent = `${words} ${words === 1 ? "word" : "words"}${goal} ${rule}`.trim();
  }

  function report(place) {
    if (place.context) return status.say(...savedStatus(place, "text", !area.value.trim(), cleared));
    const why = {
      "no-document":
        "This editor does not let a text box write into the notebook. Write in the text cell right below instead.",
      "other-notebook":
        "Two notebooks share one kernel, or this box is shown inside another widget. Write in the text cell right below instead.",
      instructor: "Instructor copy: what you write here is not stored.",
      "cell-changed": "NOT kept: the text cell below is gone. Put it back, then go on writing.",
    };
    return status.say(why[place.refused], place.refused !== "instructor");
  }

  function type() {
    cleared = !area.value.trim();
    showCount();
    const place = textPlace(model, null, { mend: true });
    if (place.context) {
      place.write(area.value);
      known = place.read();
      saverOf(place.context).request(place.cells, "text");
    }
    report(place);
  }

  function putBack() {
    addTextCell(model, area.value);
    type();
    area.focus();
  }

  function refresh(shown = true) {
    // In a shared notebook everybody's page would mend the cell, and there would be several.
    const mend = !documentOf(model)?.model.collaborative;
    const place = textPlace(model, null, { mend });
    // The cell in which a key was pressed is another one now: what is typed next belongs in the box.
    if (shown && place.mended && document.activeElement === document.body) area.focus();
    if (place.context) {
      const text = place.read();
      if (text !== known) {
        known = text;
        if (area.value !== text) area.value = text;
        showCount();
      }
    }
    // Where nothing can be kept, nothing should be typed.
    body.hidden = !place.context && place.refused !== "instructor" && !area.value;
    actions.hidden = place.refused !== "cell-changed";
    report(place);
  }

  area.addEventListener("input", type);
  // Before the first key, so that no key is lost; coming back to a browser tab counts as focus too.
  area.addEventListener("focus", () => {
    const place = textPlace(model);
    if (place.context) catchUp(place);
  });
  area.addEventListener("blur", () => {
    const place = textPlace(model);
    if (place.context && saverOf(place.context).isWanted(place.cells)) saverOf(place.context).flush();
  });

  showCount();
  refresh(false);
  takeFocus(textPlace(model), [area]);
  return follow(model, () => refresh());
}
