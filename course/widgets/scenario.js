// The scenario: a branching story told a moment at a time. The path is the answer, and all that is shown
// follows from it; only whether the last consequence is still on screen is kept beside it.

const RANKS = {
  best: "This is the best way the story can end.",
  good: "This is a good way to end, but there is a better one.",
  poor: "This is a poor way to end.",
  worst: "This is the worst way the story can end.",
};
const MODELS = { best: "The best way", worst: "The worst way" };

// Where a path leads: {steps: [{moment, choice}], moment or ending}; null where it cannot be walked.
function walk(story, path) {
  const steps = [];
  let at = story.start;
  for (const step of path ?? []) {
    const moment = story.nodes.find((node) => node.id === at);
    const choice = moment?.choices.find((one) => `${at}:${one.id}` === step);
    if (!choice) return null;
    steps.push({ id: step, moment, choice });
    at = choice.next;
  }
  return {
    steps,
    moment: story.nodes.find((node) => node.id === at),
    ending: story.endings.find((ending) => ending.id === at),
  };
}

function renderScenario(model, root) {
  const story = model.get("story");
  if (!stemStandsAbove(model)) {
    root.append(
      element("p", { className: "course-stem" }, ...inline(story.title)),
      element("div", { className: "course-scene" }, ...paragraphs(story.intro)),
    );
  }
  const count = focusable(element("summary"));
  const steps = element("ol");
  const past = element("details", { className: "course-past", open: true }, count, steps);
  const heading = focusable(element("h4", { tabIndex: -1, className: "course-heading" }));
  const chosen = element("p", { className: "course-rule" });
  const told = element("div", { className: "course-told", role: "status" });
  const choices = element("fieldset", { className: "course-choices" });
  const compared = element("div", { className: "course-compared", id: freshId(), hidden: true });
  const forward = button("Continue", goOn, "course-main");
  const compare = button("Compare the best and the worst way", toggleModels, "course-main");
  const back = button("Go back one step", () => go(path.slice(0, -1)));
  const again = button("Start again", () => go([]));
  const actions = element("div", { className: "course-actions" }, forward, compare, back, again);
  const status = statusLine("course-status");
  compare.setAttribute("aria-controls", compared.id);
  // The steps so far stand below, where they can grow without moving what is being read.
  const stage = element("div", { className: "course-stage" }, heading, chosen, told, choices, actions, compared);
  root.append(
    element(
      "div",
      { className: "course-frame", role: "group", "aria-label": story.title },
      ...[stage, status, past],
    ),
  );

  let path = [];
  let drawn; // what is on screen, so that nothing is drawn, or read out, twice

  const joined = (value) => value.join(" ");
  const atConsequence = () => path.length > 0 && model.get("shown_until") === joined(path);

  const keeper = new Keeper(model, status, {
    noun: "path",
    thing: "story",
    unreadable: "The steps typed in this cell do not fit the story. Choose below to start the story again.",
    isKnown: (value) => value === null || (Array.isArray(value) && walk(story, value) !== null),
    show: (value) => {
      path = value ?? [];
      draw();
    },
  });

  function go(next) {
    stage.style.minBlockSize = "";
    model.set("shown_until", "");
    keeper.choose(next.length ? next : null);
    heading.focus();
  }

  function choose(step) {
    const next = [...path, step];
    // The consequence takes no less room than the choices did: what stands below does not jump.
    stage.style.minBlockSize = `${stage.offsetHeight}px`;
    model.set("shown_until", joined(next));
    keeper.choose(next);
    heading.focus();
  }

  function goOn() {
    stage.style.minBlockSize = "";
    model.set("shown_until", "");
    keeper.save();
    draw();
    heading.focus();
  }

  function draw() {
    const now = JSON.stringify([path, atConsequence()]);
    if (now === drawn) return;
    drawn = now;
    const { steps: taken, moment, ending } = walk(story, path);
    const last = taken.at(-1);
    const waiting = atConsequence();
    const before = waiting ? taken.slice(0, -1) : taken;
    past.hidden = !before.length;
    count.textContent = `Your steps so far: ${before.length}`;
    steps.replaceChildren(...before.map(stepTaken));
    chosen.hidden = !waiting;
    chosen.replaceChildren(element("strong", {}, "You chose: "), ...inline(last?.choice.text ?? ""));
    heading.textContent = waiting
      ? "What comes of it"
      : ending
        ? `The end: ${ending.title}`
        : `Decision ${taken.length + 1}`;
    if (waiting) told.replaceChildren(...paragraphs(last.choice.consequence));
    else if (ending) told.replaceChildren(...paragraphs(ending.text), rankOf(ending));
    else told.replaceChildren(...paragraphs(moment?.text ?? ""));
    choices.hidden = waiting || !moment;
    choices.replaceChildren(
      element("legend", {}, "What do you do?"),
      ...(moment?.choices ?? []).map((choice) => {
        const node = button("", () => choose(`${moment.id}:${choice.id}`), "course-choice");
        node.append(...inline(choice.text));
        return node;
      }),
    );
    forward.hidden = !waiting;
    compare.hidden = waiting || !ending;
    back.hidden = again.hidden = !path.length;
    showModels(false);
  }

  const rankOf = (ending) =>
    element("p", { className: `course-rank course-rank-${ending.rank}` }, RANKS[ending.rank] ?? ending.rank);

  const stepTaken = ({ moment, choice }) =>
    element(
      "li",
      {},
      ...paragraphs(moment.text),
      element("p", {}, element("strong", {}, "You chose: "), ...inline(choice.text)),
      element("p", {}, element("strong", {}, "What came of it: "), ...inline(choice.consequence)),
    );

  function toggleModels() {
    showModels(compared.hidden);
  }

  function showModels(visible) {
    compared.hidden = !visible;
    compare.setAttribute("aria-expanded", visible);
    compared.replaceChildren(...(visible ? story.models.map(modelShown) : []));
  }

  function modelShown(one) {
    const walked = walk(story, one.path)?.steps ?? [];
    const steps = walked.map(({ id, choice }) =>
      element("li", {}, ...inline(choice.text), path.includes(id) ? element("em", {}, " You did this too.") : ""),
    );
    return element(
      "section",
      {},
      element("h5", { className: "course-heading" }, `${MODELS[one.rank] ?? one.rank}: ${one.title}`),
      element("ol", {}, ...steps),
      ...paragraphs(one.text),
    );
  }

  model.on("change:shown_until", draw);
  return keeper.start(() => [heading]);
}
