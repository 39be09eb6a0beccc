// The question: a group of radio buttons or check boxes; in practice with a check of the answer.

const sameAnswer = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

const UNREADABLE = "The answer typed in this cell is not one of the choices. Choose one here to replace it.";

function renderQuestion(model, root) {
  const many = model.get("kind") === "multiple";
  const keys = model.get("key");
  const practice = keys.length > 0;
  const above = stemStandsAbove(model);
  const rule = element("p", { className: "course-rule", id: freshId() }, model.get("rule"));
  const legend = element(
    "legend",
    { className: above ? "course-unseen" : "course-stem" },
    ...inline(model.get("stem")),
  );
  const group = element("fieldset", { "aria-describedby": rule.id }, legend, rule);
  if (!above && model.get("vignette")) {
    root.append(element("div", { className: "course-scene" }, ...paragraphs(model.get("vignette"))));
  }

  const name = freshId();
  const choices = model.get("options").map(([id, text]) => {
    const input = focusable(element("input", { type: many ? "checkbox" : "radio", name, value: id }));
    const reason = element("div", { className: "course-reason", id: freshId(), hidden: true });
    const label = element("label", {}, input, element("span", {}, ...inline(text)));
    const option = element("div", { className: "course-option" }, label, reason);
    input.addEventListener("change", () => choose(chosen(), id));
    group.append(option);
    return { id, input, option, reason };
  });

  const check = focusable(element("button", { type: "button", className: "course-main" }));
  const clear = focusable(element("button", { type: "button" }, "Clear my answer"));
  const verdict = statusLine("course-verdict");
  const status = statusLine("course-status");
  if (practice) group.append(verdict);
  group.append(
    element("div", { className: "course-actions" }, ...(practice ? [check, clear] : [clear])),
    status,
  );
  root.append(group);

  let answer = null; // what is shown: null, an id, or a sorted list of ids
  let inCell = model.get("pending") ? undefined : model.get("answer"); // what the cell holds, as far as we know
  let first = true;
  let latest = 0; // changes made here are counted, so that a slow one gives way to a later one
  let written = 0;
  let cleared = false;
  let trouble = "";

  const isKnown = (value) =>
    value === null ||
    ((many ? Array.isArray(value) : typeof value === "string") &&
      [value].flat().every((id) => choices.some((c) => c.id === id)));
  const chosen = () => {
    const ids = choices
      .filter((choice) => choice.input.checked)
      .map((choice) => choice.id)
      .sort();
    return ids.length ? (many ? ids : ids[0]) : null;
  };

  function show(value) {
    answer = value;
    const ids = [value ?? []].flat();
    for (const { id, input } of choices) input.checked = ids.includes(id);
    clear.hidden = value === null;
    showVerdict();
  }

  function showVerdict() {
    const ids = [answer ?? []].flat();
    const shown = practice && model.get("checked") && ids.length > 0;
    const hits = ids.filter((id) => keys.includes(id)).length;
    const right = hits === keys.length && ids.length === keys.length;
    for (const { id, input, option, reason } of choices) {
      reason.hidden = !shown;
      option.classList.toggle("course-right", shown && keys.includes(id));
      option.classList.toggle("course-wrong", shown && !keys.includes(id));
      if (shown) input.setAttribute("aria-describedby", reason.id);
      else input.removeAttribute("aria-describedby");
      reason.replaceChildren(...(shown ? reasonFor(id, ids.includes(id)) : []));
    }
    check.textContent = !shown ? "Check my answer" : right ? "Hide the reasons" : "Try again";
    if (!shown) return verdict.say("");
    if (right) return verdict.say("✓ Right. The reasons stand below each choice.");
    return verdict.say(
      hits
        ? "◐ Partly right. Read the reason below each choice."
        : "✗ Not right. Read the reason below each choice.",
    );
  }

  function reasonFor(id, picked) {
    const good = keys.includes(id);
    const mark = good ? "✓ Right" : "✗ Not right";
    const yours = picked ? ", your choice" : "";
    return [element("strong", {}, `${mark}${yours}. `), ...inline(model.get("rationales")[id] ?? "")];
  }

  function push(value) {
    if (sameAnswer(value, model.get("answer"))) return;
    model.set("answer", value);
    save();
  }

  function save() {
    try {
      model.save_changes();
    } catch {
      // A dead kernel: the notebook document has the answer.
    }
  }

  async function choose(value, focusValue) {
    const mine = ++latest;
    cleared = value === null;
    trouble = "";
    let place = answerPlace(model);
    // One message for all: a second one waits for the kernel, and the cell may be run before it arrives.
    model.set("answer", value);
    model.set("checked", false);
    model.set("pending", place.refused === "no-document" || place.refused === "other-notebook");
    save();
    show(value);
    report({});
    if (place.context && (await catchUp(place, focusValue))) place = answerPlace(model, place.hosts);
    if (mine !== latest) return;
    written = mine;
    if (place.context) {
      inCell = value;
      place.write(value);
      saverOf(place.context).request(place.cells, "choice");
    }
    report(place);
  }

  function report(place) {
    if (written < latest) status.say("Saving…");
    else if (trouble) status.say(trouble, true);
    else if (place.context) status.say(...savedStatus(place, "answer", answer === null, cleared));
    else if (place.refused === "instructor") status.say("Instructor copy: a choice made here is not stored.");
    else if (sameAnswer(answer, inCell))
      status.say(
        answer === null ? "No answer yet." : "Your answer stands in the cell. Save the notebook to keep it.",
      );
    else status.say(refusal(place.refused), true);
  }

  function refusal(why) {
    const typed = `answer=${formatLiteral(answer)}`;
    if (why === "no-document")
      return `Not kept yet: this editor does not let a question write into the notebook. Run this cell again, or type ${typed} in it, then save.`;
    if (why === "other-notebook")
      return `Not saved: two notebooks share one kernel, or this question is shown inside another widget. Type ${typed} in its cell, or give this notebook its own kernel and run all cells again.`;
    return `Not saved: the cell of this question was changed. Type ask("${model.get("item")}", ${typed}) in it and run it.`;
  }

  // The document is the truth; the value in the kernel counts only where there is no document.
  function refresh() {
    const place = answerPlace(model);
    if (place.context && written === latest) {
      const value = place.read();
      const known = value !== undefined && isKnown(value);
      if (first || !known || !sameAnswer(value, inCell)) {
        inCell = value;
        trouble = known ? "" : (first && model.get("problem")) || trouble || UNREADABLE;
        if (!first && !sameAnswer(known ? value : null, answer)) model.set("checked", false);
        show(known ? value : null);
        if (known) push(value);
      }
      first = false;
    } else if (place.refused === "cell-changed") inCell = undefined;
    report(place);
  }

  check.addEventListener("click", () => {
    if (answer === null)
      return verdict.say(many ? "Choose at least one answer first." : "Choose an answer first.");
    model.set("checked", !model.get("checked"));
    save();
    showVerdict();
  });
  clear.addEventListener("click", () => {
    choices[0].input.focus();
    choose(null, choices[0].id);
  });
  model.on("change:checked", showVerdict);
  model.on("change:answer", () => {
    if (!answerPlace(model).context) show(model.get("answer"));
  });

  show(model.get("answer"));
  if (model.get("problem")) trouble = model.get("problem");
  refresh();
  takeFocus(
    answerPlace(model),
    choices.map((choice) => choice.input),
  );
  return follow(model, refresh);
}
