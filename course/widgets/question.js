// The question: a group of radio buttons or check boxes; in practice with a check of the answer.

const sameAnswer = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

function renderQuestion(model, root) {
  const many = model.get("kind") === "multiple";
  const keys = model.get("key");
  const practice = keys.length > 0;
  const above = stemStandsAbove(model);
  const rule = element("p", { className: "course-rule", id: freshId() }, model.get("rule"));
  const legend = element("legend", { className: above ? "course-unseen" : "course-stem" }, ...inline(model.get("stem")));
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
  group.append(element("div", { className: "course-actions" }, ...(practice ? [check, clear] : [clear])), status);
  root.append(group);

  let answer = null; // what is shown: null, an id, or a sorted list of ids
  let literal; // what the cell held when last read
  let latest = 0;
  let cleared = false;
  let trouble = "";

  const isKnown = (value) =>
    value === null || (many ? Array.isArray(value) : typeof value === "string") && [value].flat().every((id) => choices.some((c) => c.id === id));
  const chosen = () => {
    const ids = choices.filter((choice) => choice.input.checked).map((choice) => choice.id).sort();
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
      if (shown) reason.replaceChildren(...reasonFor(id, ids.includes(id)));
    }
    check.textContent = !shown ? "Check my answer" : right ? "Hide the reasons" : "Try again";
    if (!shown) return verdict.say("");
    if (right) return verdict.say("✓ Right. The reasons stand below each choice.");
    return verdict.say(hits ? "◐ Partly right. Read the reason below each choice." : "✗ Not right. Read the reason below each choice.");
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
    model.set("checked", false);
    show(value);
    push(value);
    const place = await record(model, answerPlace, value, "choice", () => mine === latest, focusValue);
    if (!place) return;
    literal = value;
    model.set("pending", place.refused === "no-document" || place.refused === "other-notebook");
    save();
    report(place);
  }

  function report(place) {
    const typed = `answer=${formatLiteral(answer)}`;
    const quiet = answer === null && !cleared;
    if (trouble) status.say(trouble, true);
    else if (place.context) status.say(...savedStatus(place, "answer", answer === null, cleared));
    else if (place.refused === "instructor") status.say("Instructor copy: a choice made here is not stored.");
    else if (quiet || sameAnswer(answer, literal ?? undefined) && !model.get("pending")) status.say(quiet ? "No answer yet." : "This is the answer in the cell.");
    else if (place.refused === "no-document")
      status.say(`Not kept yet: this editor does not let a question write into the notebook. Run this cell again, or type ${typed} in it, then save.`, true);
    else if (place.refused === "other-notebook")
      status.say(`Not saved: two notebooks share one kernel, or this question is shown inside another widget. Type ${typed} in its cell, or give this notebook its own kernel and run all cells again.`, true);
    else status.say(`Not saved: the cell of this question was changed. Type ask("${model.get("item")}", ${typed}) in it and run it.`, true);
  }

  // The document is the truth; the value in the kernel counts only where there is no document.
  function refresh() {
    const place = answerPlace(model);
    if (place.context) {
      const value = place.read();
      if (literal === undefined || !sameAnswer(value, literal) || value === undefined) {
        const first = literal === undefined;
        const known = value !== undefined && isKnown(value);
        trouble = known ? "" : (first && model.get("problem")) || "The answer typed in this cell is not one of the choices. Choose one here to replace it.";
        literal = value;
        if (!known || !sameAnswer(value, answer)) {
          if (!first) model.set("checked", false);
          show(known ? value : null);
        }
        if (known) push(value);
      }
    }
    report(place);
  }

  check.addEventListener("click", () => {
    if (answer === null) return verdict.say(many ? "Choose at least one answer first." : "Choose an answer first.");
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
  takeFocus(answerPlace(model), choices.map((choice) => choice.input));
  return follow(model, refresh);
}
