// The question: a group of radio buttons or check boxes; in practice with a check of the answer.

const UNREADABLE = "The answer typed in this cell is not one of the choices. Choose one here to replace it.";

// Whether the chosen ids are the key, whole.
const isRight = (keys, ids) => ids.length === keys.length && ids.every((id) => keys.includes(id));

function renderQuestion(model, root) {
  const above = stemStandsAbove(model);
  const item = Object.fromEntries(
    ["kind", "vignette", "stem", "rule", "options", "key", "rationales"].map((name) => [name, model.get(name)]),
  );
  const status = statusLine("course-status");
  const question = questionView(root, item, {
    above,
    status,
    isChecked: () => model.get("checked"),
    setChecked: (checked) => {
      model.set("checked", checked);
      keeper.save();
    },
    choose: (value, focus) => {
      // Reasons that are shown stay: to take them away would move the choices under the pointer.
      if (value === null) model.set("checked", false);
      keeper.choose(value, { focus });
    },
  });
  const keeper = new Keeper(model, status, {
    noun: "answer",
    thing: "question",
    unreadable: UNREADABLE,
    isKnown: question.isKnown,
    show: question.show,
    onForeign: () => model.set("checked", false),
  });
  model.on("change:checked", question.showVerdict);
  return keeper.start(() => question.inputs);
}

// One question on screen, whoever keeps its answer. `item` is a question of the set-up data; `owner` has
//   above                    whether the notebook shows the stem right above (optional)
//   status                   the line that says whether the answer is kept (optional; else it is elsewhere)
//   final                    whether a checked answer stands (optional; else it can be tried again)
//   isChecked, setChecked    whether the reasons are shown
//   choose(value, focus)     called with a choice made here, and the id that has the focus
function questionView(root, item, owner) {
  const many = item.kind === "multiple";
  const keys = item.key ?? [];
  const practice = keys.length > 0;
  const rule = element("p", { className: "course-rule", id: freshId() }, item.rule);
  const legend = element(
    "legend",
    { className: owner.above ? "course-unseen" : "course-stem" },
    ...inline(item.stem),
  );
  const group = element("fieldset", { "aria-describedby": rule.id }, legend, rule);
  if (!owner.above && item.vignette) {
    root.append(element("div", { className: "course-scene" }, ...paragraphs(item.vignette)));
  }

  const name = freshId();
  const choices = item.options.map(([id, text]) => {
    const input = focusable(element("input", { type: many ? "checkbox" : "radio", name, value: id }));
    const reason = element("div", { className: "course-reason", id: freshId(), hidden: true });
    const label = element("label", {}, input, element("span", {}, ...inline(text)));
    const option = element("div", { className: "course-option" }, label, reason);
    input.addEventListener("change", () => owner.choose(chosen(), id));
    group.append(option);
    return { id, input, option, reason };
  });

  const check = button("", toggleReasons, "course-main course-check");
  const clear = button("Clear my answer", clearAnswer);
  const verdict = statusLine("course-verdict");
  const row = (className, ...parts) => element("div", { className }, ...parts);
  if (practice) group.append(verdict, row("course-actions", check, ...(owner.status ? [] : [clear])));
  if (owner.status) group.append(row("course-actions course-foot", owner.status, clear));
  root.append(group);

  let answer = null; // what is shown: null, an id, or a sorted list of ids

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
    showVerdict();
  }

  function showVerdict() {
    const ids = [answer ?? []].flat();
    const shown = practice && owner.isChecked() && ids.length > 0;
    const right = isRight(keys, ids);
    const closed = Boolean(owner.final) && shown;
    for (const { id, input, option, reason } of choices) {
      reason.hidden = !shown;
      input.disabled = closed;
      option.classList.toggle("course-right", shown && keys.includes(id));
      option.classList.toggle("course-wrong", shown && !keys.includes(id));
      if (shown) input.setAttribute("aria-describedby", reason.id);
      else input.removeAttribute("aria-describedby");
      reason.replaceChildren(...(shown ? reasonFor(id) : []));
    }
    clear.hidden = closed;
    clear.classList.toggle("course-unused", answer === null); // its room stays: a choice moves nothing
    check.hidden = closed;
    check.textContent = !shown ? "Check my answer" : right ? "Hide the reasons" : "Try again";
    if (!shown) return verdict.say("");
    if (right) return verdict.say("✓ Right. The reasons stand below each choice.");
    return verdict.say(
      ids.some((id) => keys.includes(id))
        ? "◐ Partly right. Read the reason below each choice."
        : "✗ Not right. Read the reason below each choice.",
    );
  }

  function reasonFor(id) {
    const mark = keys.includes(id) ? "✓ Right. " : "✗ Not right. ";
    return [element("strong", {}, mark), ...inline(item.rationales[id] ?? "")];
  }

  function toggleReasons() {
    if (answer === null)
      return verdict.say(many ? "Choose at least one answer first." : "Choose an answer first.");
    owner.setChecked(!owner.isChecked());
    showVerdict();
  }

  function clearAnswer() {
    choices[0].input.focus();
    owner.choose(null, choices[0].id);
  }

  return { group, inputs: choices.map((choice) => choice.input), isKnown, show, showVerdict };
}
