// What stands on the desk: one text, its levels, comment and sum. It changes nothing by itself.

import { counted, find, made, number } from "./nodes.js";

const CHIPS = {
  first: "To score",
  second: "To score, as second reader",
  third: "To score: the first two differ",
  begun: "Begun",
  changed: "Text has changed: score again",
  done: "Scored",
  busy: "Another grader is at it",
  others: "Scored by another grader",
  "by-hand": "Scored in the formgrader",
  practice: "Practice",
};
export const TODO = ["first", "second", "third", "begun", "changed"];

export function showProgress({ texts, scored, second, third, todo }) {
  const parts = [`${scored} of ${texts} scored`];
  if (second) parts.push(`${second} for a second reader`);
  if (third) parts.push(`${third} for a third`);
  find("progress").textContent = `${parts.join(", ")}. Open to you: ${todo}.`;
}

export function buildCriteria(rubric, onChoose, onHere) {
  const form = find("criteria");
  form.replaceChildren(
    ...rubric.criteria.map((criterion, place) =>
      made(
        "fieldset",
        { "data-criterion": criterion.id, onfocusin: () => onHere(place) },
        made("legend", {}, made("b", {}, criterion.title), ` ${criterion.question}`),
        made(
          "div",
          { class: "levels" },
          ...criterion.levels.map((words, level) =>
            made(
              "label",
              { class: "level" },
              made("input", {
                type: "radio",
                name: criterion.id,
                value: level,
                onchange: () => onChoose(criterion.id, level),
              }),
              made("b", {}, String(level)),
              words,
            ),
          ),
        ),
        made("p", { class: "earned", hidden: true }),
      ),
    ),
  );
}

export function showHere(rubric, place) {
  for (const [index, criterion] of rubric.criteria.entries()) {
    fieldset(criterion.id).classList.toggle("here", index === place);
  }
}

export const fieldset = (id) =>
  [...find("criteria").children].find((one) => one.dataset.criterion === id);

// The question is Markdown: its lines stay lines, and what is bold in it is bold here.
export function showQuestion(words) {
  const parts = words.trim().replace(/\n{2,}/g, "\n").split(/\*\*([^*\n]+)\*\*/);
  find("question").replaceChildren(...parts.map((part, place) => (place % 2 ? made("b", {}, part) : part)));
}

export function showText(text, place, count) {
  find("place").textContent = `Text ${place + 1} of ${count}`;
  const chip = find("chip");
  chip.textContent = CHIPS[text.role];
  chip.classList.toggle("todo", TODO.includes(text.role));
  find("text").textContent = text.text;
  find("text").scrollTop = 0;
  const facts = [counted(text.words, "word")];
  if (text.asked) facts.push(`${text.asked[0]} to ${text.asked[1]} were asked for`);
  if (text.note) facts.push(text.note);
  find("about").textContent = facts.join("; ");
  find("whose").hidden = text.role === "practice";
}

export function showLevels(view, local) {
  const { rubric, prompt } = view;
  let sum = 0;
  let highest = 0;
  let given = 0;
  for (const { id, levels } of rubric.criteria) {
    const level = local.levels[id];
    const capped = local.unsafe && id === rubric.capped;
    for (const radio of fieldset(id).querySelectorAll("input")) {
      radio.checked = Number(radio.value) === level;
      radio.disabled = capped && Number(radio.value) !== 0;
    }
    highest += levels.length - 1;
    if (level !== undefined) {
      sum += level;
      given += 1;
    }
  }
  find("unsafe").checked = local.unsafe;
  if (find("comment").value !== local.comment) find("comment").value = local.comment;
  const all = given === rubric.criteria.length;
  const points = `${number((prompt.points * sum) / highest)} of ${counted(prompt.points, "point")}`;
  find("sum").textContent = all
    ? `Sum ${sum} of ${highest}: ${points}`
    : `${given} of ${rubric.criteria.length} levels given`;
  return all;
}

export function showKept(comments, first, onInsert, onChange) {
  find("kept").replaceChildren(
    ...comments.map((words, place) => {
      const key = first + place <= 9 ? made("kbd", {}, String(first + place)) : "";
      return made("li", {}, made("button", { type: "button", onclick: () => onInsert(words) }, key, ` ${words}`));
    }),
    made("li", {}, made("button", { type: "button", onclick: onChange }, "Change these comments…")),
  );
}

// What the file says of an exemplar, once its round is finished.
export function showEarned(rubric, exemplar) {
  for (const { id } of rubric.criteria) {
    const place = fieldset(id).querySelector(".earned");
    const notes = exemplar?.notes.filter((note) => note.criterion === id) ?? [];
    place.hidden = !exemplar;
    place.textContent = exemplar
      ? [`In the file: ${exemplar.scores[id]}.`, ...notes.map(({ quote, why }) => `“${quote}” ${why}`)].join(" ")
      : "";
  }
}

export function showBanner(words, ...choices) {
  const banner = find("banner");
  banner.hidden = !words;
  banner.replaceChildren(
    made("p", {}, words),
    ...choices.map(([name, action]) => made("button", { type: "button", onclick: action }, name)),
  );
}

export function say(words, wrong = false) {
  const status = find("status");
  status.classList.toggle("wrong", wrong);
  if (status.textContent !== words) status.textContent = words;
}
