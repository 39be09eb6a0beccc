// The review: the questions of a round one at a time, then the result. The round is the answer: a list with
// its number, the drawn questions in order, and what was chosen ("round:1", "id:b", "id:a+c", "id").

const DRAW_PATIENCE = 15000; // milliseconds until a kernel that draws nothing is called silent

// A round in a literal: {number, entries: [{id, chosen}]}; null where there is none.
function parseRound(literal) {
  if (!Array.isArray(literal) || literal.length < 2) return null;
  const number = /^round:([1-9]\d{0,5})$/.exec(literal[0])?.[1];
  const matches = literal
    .slice(1)
    .map((entry) => /^([a-z0-9-]{1,100})(?::([\w-]{1,20}(?:\+[\w-]{1,20})*))?$/.exec(entry));
  if (!number || matches.includes(null)) return null;
  const entries = matches.map(([, id, chosen]) => ({ id, chosen: chosen ? chosen.split("+") : [] }));
  if (new Set(entries.map((entry) => entry.id)).size < entries.length) return null;
  return { number: Number(number), entries };
}

// The literal with what was chosen for one question.
const withChoice = (literal, id, chosen) =>
  literal.map((entry) => (entry.split(":")[0] === id ? [id, chosen.join("+")].filter(Boolean).join(":") : entry));

function renderReview(model, root) {
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  const heading = focusable(element("h4", { tabIndex: -1, className: "course-heading" }));
  const why = element("p", { className: "course-rule" });
  const source = element("p", { className: "course-rule" });
  const body = element("div", { className: "course-asked" });
  const back = button("Back", () => go(at() - 1));
  const next = button("Next question", () => go(at() + 1), "course-main");
  const finish = button("See my result", () => go(-1), "course-main");
  const anew = button("Draw new questions", drawNew, "course-main");
  const over = button("Look at the questions", () => go(0));
  const actions = element("div", { className: "course-actions" }, back, next, finish, anew, over);
  const notes = element("p", { className: "course-rule" });
  const status = statusLine("course-status");
  root.append(
    element(
      "div",
      { className: "course-frame", role: "group", "aria-label": "Review questions" },
      ...[heading, why, body, source, actions, notes, status],
    ),
  );

  let literal = model.get("answer") ?? model.get("offer"); // of the round on screen
  let round = parseRound(literal);
  let entries = []; // those whose question was found
  let question; // the question on screen
  let drawn; // what is on screen, so that a question is not built twice
  let waiting = 0; // the timer of a request for a new round

  const pool = () => model.get("pool");
  const keyOf = (id) => pool()[id].key;
  const isDone = (entry) => entry.chosen.length > 0;
  const rightOnes = () => entries.filter((entry) => isRight(keyOf(entry.id), entry.chosen));
  // The question on screen, from 0; -1 is the result.
  const at = () => Math.min(model.get("place") ?? -1, entries.length - 1);
  const current = () => entries[at()];
  const isChecked = (id) => model.get("checked").includes(id);
  // An entry as it can be shown: with a choice that its question does not have, it counts as not answered.
  const readable = (entry) => {
    const { kind, options } = pool()[entry.id];
    const fits = entry.chosen.every((id) => options.some(([option]) => option === id));
    return fits && (kind === "multiple" || entry.chosen.length < 2) ? entry : { ...entry, chosen: [] };
  };

  const keeper = new Keeper(model, status, {
    noun: "answer",
    thing: "review",
    unreadable: "The round typed in this cell cannot be read. Answer a question here to replace it.",
    isKnown: (value) => value === null || parseRound(value) !== null,
    isBlank: () => (current() ? !isDone(current()) : !entries.some(isDone)),
    show: (value) => {
      const before = round;
      literal = value ?? model.get("offer");
      round = parseRound(literal);
      if (before && round?.number !== before.number) turnTo(null, []);
      draw();
    },
  });

  function turnTo(place, checked) {
    model.set("place", place);
    model.set("checked", checked);
    keeper.save();
  }

  function go(place) {
    keeper.cleared = false;
    turnTo(place, model.get("checked"));
    draw();
    keeper.report();
    heading.focus();
  }

  function choose(id, value, focus) {
    const chosen = [value ?? []].flat();
    keeper.choose(withChoice(literal, id, chosen), {
      focus,
      cleared: value === null,
      // In another tab more may have been answered, or a new round drawn.
      merge: (there) => (there?.[0] === literal[0] || !there ? withChoice(there ?? literal, id, chosen) : there),
    });
  }

  function draw() {
    entries = (round?.entries ?? []).filter((entry) => pool()[entry.id]).map(readable);
    // A round is taken up at its first question without an answer.
    if (model.get("place") === null) model.set("place", entries.findIndex((entry) => !isDone(entry)));
    const place = at();
    // The result tells what was right, so from then on the answers of this round stand.
    const given = place < 0 ? entries.filter(isDone).map((entry) => entry.id) : [];
    if (!given.every(isChecked)) model.set("checked", [...new Set([...model.get("checked"), ...given])]);
    const id = entries[place]?.id;
    const now = JSON.stringify([round?.number, entries.map((entry) => entry.id), place]);
    if (now !== drawn || !id) {
      drawn = now;
      question = null;
      body.replaceChildren();
      if (id) question = questionOf(id);
      else showResult();
      heading.textContent = id
        ? `Round ${round.number}, question ${place + 1} of ${entries.length}`
        : entries.length
          ? `Round ${round.number}: ${rightOnes().length} of ${entries.length} right`
          : "No question to show";
    }
    if (id) showQuestion(id);
    const same = round && JSON.stringify(round.entries.map((one) => one.id)) === idsTold();
    why.textContent = id && same ? model.get("told") : "";
    why.hidden = !why.textContent;
    source.hidden = !id;
    back.hidden = !id || place === 0;
    next.hidden = !id || place === entries.length - 1;
    finish.hidden = !id || place < entries.length - 1;
    over.hidden = Boolean(id) || !entries.length;
    anew.hidden = Boolean(id);
    const lost = (round?.entries.length ?? 0) - entries.length;
    const missing = lost ? [`${plural(lost, "question")} of this round cannot be shown now.`] : [];
    const left = model.get("left_out");
    if (left.length) missing.push("Left out:", ...left, "Keep all notebooks of the course in one folder.");
    notes.textContent = missing.join(" ");
    notes.hidden = !missing.length;
  }

  const idsTold = () =>
    JSON.stringify((parseRound(model.get("offer"))?.entries ?? []).map((one) => one.id));

  function questionOf(id) {
    return questionView(body, pool()[id], {
      final: true,
      isChecked: () => isChecked(id),
      setChecked: () => {
        turnTo(at(), [...model.get("checked"), id]);
        draw();
        (next.hidden ? finish : next).focus();
      },
      choose: (value, focus) => choose(id, value, focus),
    });
  }

  function showQuestion(id) {
    const chosen = [...current().chosen].sort();
    question.show(!chosen.length ? null : pool()[id].kind === "multiple" ? chosen : chosen[0]);
    source.textContent = isChecked(id) ? `This question comes from: ${lessonOf(id)}.` : "";
  }

  const lessonOf = (id) => `${pool()[id].lesson} (${pool()[id].file})`;

  function showResult() {
    if (!entries.length) return;
    const right = rightOnes();
    const open = entries.filter((entry) => !isDone(entry));
    const rest = entries.filter((entry) => !right.includes(entry));
    const ids = rest.map((entry) => entry.id);
    const inOrder = Object.keys(pool()).filter((id) => ids.includes(id)); // the order of the course
    const lessons = [...new Set(inOrder.map(lessonOf))];
    if (open.length) body.append(element("p", {}, `${plural(open.length, "question")} without an answer.`));
    if (lessons.length) {
      body.append(element("p", {}, "Read again:"), element("ul", {}, ...lessons.map((one) => element("li", {}, one))));
    } else body.append(element("p", {}, "Well kept: there is nothing you need to read again."));
    const rows = entries.map((entry, number) => {
      const mark = right.includes(entry) ? "✓ Right" : isDone(entry) ? "✗ Missed" : "– No answer";
      const look = button(`Question ${number + 1}`, () => go(number));
      return element("li", {}, look, element("span", {}, element("strong", {}, `${mark}. `), ...inline(pool()[entry.id].stem)));
    });
    body.append(element("ul", { className: "course-rows" }, ...rows));
  }

  function drawNew() {
    clearTimeout(waiting);
    status.say("Drawing…");
    waiting = setTimeout(() => {
      waiting = 0;
      status.say("Nothing was drawn: the kernel does not answer. Choose Run > Run All Cells, then try again.", true);
    }, DRAW_PATIENCE);
    try {
      model.send({ draw: literal });
    } catch {
      // A dead kernel: the line above comes in time.
    }
  }

  function take(message) {
    if (!message?.drawn || !waiting) return;
    clearTimeout(waiting);
    waiting = 0;
    if (!parseRound(message.drawn)) {
      draw();
      status.say("Nothing was drawn: no lesson notebook was found. Keep all notebooks in one folder.", true);
      return;
    }
    model.set("offer", message.drawn);
    model.set("told", message.told);
    model.set("place", 0);
    model.set("checked", []);
    keeper.choose(message.drawn, { cleared: false });
    heading.focus();
  }

  model.on("msg:custom", take);
  model.on("change:place", draw);
  model.on("change:checked", draw);
  const stop = keeper.start(() => (question ? question.inputs : [heading]));
  return () => {
    clearTimeout(waiting);
    model.off("msg:custom", take);
    stop();
  };
}
