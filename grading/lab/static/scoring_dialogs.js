// The windows of the reflections page: exemplars, rules, keys, practice results, comments, the grader's name.

import { find, made } from "./nodes.js";

const body = (dialog) => dialog.querySelector(".body");

function open(dialog) {
  dialog.showModal();
  dialog.scrollTop = 0;
  return dialog;
}

export function openExemplars({ rubric, practice }, at) {
  const dialog = find("exemplars");
  const { exemplars } = practice;
  const parts = [];
  if (!exemplars.length) parts.push(made("p", {}, "The course has no exemplars for this question."));
  else {
    parts.push(made("p", {}, "Made-up texts with their scores, and for each level the words that earn it."));
    const order = [...rubric.criteria.slice(at), ...rubric.criteria.slice(0, at)];
    for (const [place, criterion] of order.entries()) {
      const notes = exemplars.flatMap((one, index) =>
        one.notes.filter((note) => note.criterion === criterion.id).map((note) => ({ ...note, index })),
      );
      notes.sort((one, other) => one.level - other.level);
      parts.push(
        made(
          "details",
          { open: place === 0 },
          made("summary", {}, `${criterion.title}: what earns each level`),
          ...notes.map(({ level, quote, why, index }) =>
            made(
              "blockquote",
              {},
              made("b", {}, `${level}`),
              ` “${quote}” `,
              made("span", {}, `${why} (text ${index + 1})`),
            ),
          ),
        ),
      );
    }
    parts.push(
      ...exemplars.map((one, index) =>
        made(
          "details",
          {},
          made(
            "summary",
            {},
            `Text ${index + 1}: ${rubric.criteria.map((c) => `${c.title} ${one.scores[c.id] ?? "–"}`).join(", ")}`,
          ),
          made("p", { class: "plain" }, one.text),
        ),
      ),
    );
  }
  body(dialog).replaceChildren(...parts);
  open(dialog);
}

export function openRules({ rubric }) {
  body(find("rules")).replaceChildren(
    made("ul", {}, ...rubric.rules.map((rule) => made("li", {}, rule))),
    made("p", {}, "A second grader scores part of the texts without seeing the first scores. Where the two are 2 or " +
      "more levels apart, a third decides that criterion. At 1 apart, the first score stands."),
  );
  open(find("rules"));
}

export function openKeys(rubric, first) {
  const most = Math.max(...rubric.criteria.map((criterion) => criterion.levels.length)) - 1;
  const rows = [
    [`0 to ${most}`, "the level of the marked criterion; then the next one is marked"],
    ["↑ ↓", "another criterion"],
    ["Tab, ← →", "from criterion to criterion, and from level to level"],
    [`${first} to 9`, "add one of your comments"],
    ["j  k", "next and previous text"],
    ["n", "next text that is open to you"],
    ["c", "write a comment; Esc goes back to the levels"],
    ["u", "unsafe or unlawful plan"],
    ["e  r  p", "exemplars, rules, practise"],
    ["w", "whose text it is"],
    ["?", "this list"],
  ];
  body(find("keys")).replaceChildren(
    made("dl", {}, ...rows.flatMap(([key, words]) => [made("dt", {}, made("kbd", {}, key)), made("dd", {}, words)])),
  );
  open(find("keys"));
}

export function openUnsafe(texts, { go, whose }) {
  const dialog = find("unsafe-plans");
  const rows = texts.map((text, place) => ({ text, place })).filter(({ text }) => text.unsafe);
  body(dialog).replaceChildren(
    made("p", {}, "A grader marked the plan in these texts as unsafe or unlawful. The instructor is to see them today."),
    made(
      "ul",
      {},
      ...rows.map(({ text, place }) => {
        const answer = made("span", {});
        const ask = made("button", { type: "button", onclick: async () => (answer.textContent = ` ${await whose(text)}`) });
        ask.append(`Whose is text ${place + 1}?`);
        const read = made("button", { type: "button", onclick: () => (dialog.close(), go(place)) }, "Read it");
        return made("li", {}, `Text ${place + 1} `, read, " ", ask, answer);
      }),
    ),
  );
  open(dialog);
}

export function askName(known) {
  const dialog = find("name");
  find("name-box").value = known;
  open(dialog);
  find("name-box").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(find("name-box").value.trim() || known), { once: true });
  });
}

export function editComments(comments) {
  const dialog = find("comments");
  const box = (words, place) => {
    const area = made("textarea", { rows: 2, maxlength: 5000, "aria-label": `Comment ${place + 1}` });
    area.value = words;
    return area;
  };
  body(dialog).replaceChildren(...[...comments, ""].map(box));
  find("add-comment").onclick = () => {
    const area = box("", body(dialog).children.length);
    body(dialog).append(area);
    area.focus();
  };
  open(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "keep" ? [...body(dialog).children].map((area) => area.value) : null),
      { once: true },
    );
  });
}

// How a finished round of practice compares with the file.
export function roundTable(rubric, agreement) {
  const cell = (words) => made("td", {}, words);
  return made(
    "table",
    {},
    made("tr", {}, ...["Criterion", "Same", "Same or 1 apart", "Result"].map((words) => made("th", { scope: "col" }, words))),
    ...agreement.map(({ criterion, scores, exact, adjacent, passed }) =>
      made(
        "tr",
        {},
        cell(rubric.criteria.find((one) => one.id === criterion)?.title ?? criterion),
        cell(`${exact} of ${scores}`),
        cell(`${adjacent} of ${scores}`),
        cell(passed ? "enough" : "not yet"),
      ),
    ),
  );
}
