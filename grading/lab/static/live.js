// Class now: asks the server every few seconds, and draws anew only what has changed.

import { counted, find, made } from "./nodes.js";

const base = document.body.dataset.base;
const pause = Number(document.body.dataset.seconds) * 1000;
const SIGNS = {
  nothing: "·", fetched: "◌", waiting: "↓", collected: "○", person: "✎", graded: "✓", page: "▤", given: "✔",
};
const OPEN = ["waiting", "collected", "person"];
const FILTERS = [["all", "everybody"], ["open", "where something is to do"], ["none", "who has handed in nothing"]];

let version = "";
let seen = null;
let timer = 0;

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(`${base}grading/api/live?version=${version}`, { credentials: "same-origin" });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.problem || told.message || `the server says ${answer.status}`);
    if (told.class) {
      version = told.version;
      seen = told.class;
      draw();
    }
    const time = new Date(told.when).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    find("when").textContent = `As of ${time}; looks again every ${pause / 1000} seconds.`;
    problem("");
  } catch (error) {
    const why = error instanceof TypeError ? "the server does not answer" : error.message;
    problem(`The class cannot be seen at the moment: ${why}.${seen ? " What stands here was seen before." : ""}`);
  }
  timer = setTimeout(look, pause);
}

function problem(text) {
  const box = find("problem");
  // Said once, not at each look: a screen reader reads every change aloud.
  if (box.textContent !== text) box.textContent = text;
  box.hidden = !text;
}

function draw() {
  const kept = keptPlace();
  find("assignments").replaceChildren(assignments());
  find("remarks").replaceChildren(...[...seen.remarks, seen.fetched].map((text) => made("li", {}, text)));
  drawStudents();
  if (kept) document.querySelector(kept)?.focus();
}

// A link that has the focus is made anew, too, and must not lose it.
function keptPlace() {
  const href = document.activeElement?.closest?.("td.step a")?.getAttribute("href");
  return href ? `td.step a[href="${CSS.escape(href)}"]` : "";
}

function assignments() {
  const states = Object.entries(seen.states);
  const head = made("tr", {}, made("th", { scope: "col" }, "Assignment"),
    ...states.map(([, words]) => made("th", { scope: "col", class: "number" }, words)),
    made("th", { scope: "col", class: "number" }, "late"), made("th", { scope: "col" }, "Next"));
  const rows = seen.assignments.map((one) => made("tr", {},
    made("th", { scope: "row" }, made("span", { class: "name" }, one.title), made("span", { class: "id" }, one.name)),
    ...states.map(([state, words]) => number(one.counts[state], words)),
    number(one.late, "late"),
    made("td", { class: "step" }, one.step.href ? made("a", { href: base + one.step.href.split("/").map(encodeURIComponent).join("/") }, one.step.text) : made("span", {}, one.step.text))));
  return made("table", { class: "steps" }, made("thead", {}, head), made("tbody", {}, ...rows));
}

function number(count, head) {
  return made("td", { class: count ? "number" : "number none", "data-head": head }, count ? String(count) : "");
}

function drawStudents() {
  const columns = seen.assignments.map((one, place) => ({ ...one, place }))
    .filter((one) => one.released || one.counts.nothing < seen.students.length);
  const wanted = find("show").value;
  const typed = find("find").value.trim().toLocaleLowerCase();
  const shown = seen.students.filter((one) => {
    const states = columns.map((column) => one.work[column.place].state);
    if (wanted === "open" && !states.some((state) => OPEN.includes(state))) return false;
    if (wanted === "none" && !states.some((state) => ["nothing", "fetched"].includes(state))) return false;
    return !typed || `${one.name} ${one.id}`.toLocaleLowerCase().includes(typed);
  });
  find("count").textContent = `${shown.length} of ${counted(seen.students.length, "student")}`;
  const head = made("tr", {}, made("th", { scope: "col" }, "Student"),
    ...columns.map((one) => made("th", { scope: "col" }, made("span", { class: "name" }, one.title))));
  const rows = shown.map((one) => made("tr", {},
    made("th", { scope: "row" }, made("span", { class: "name" }, one.name),
      one.id === one.name ? "" : made("span", { class: "id" }, one.id)),
    ...columns.map((column) => work(one.work[column.place]))));
  const table = made("table", { class: "students" }, made("thead", {}, head), made("tbody", {}, ...rows));
  find("students").replaceChildren(columns.length ? table : made("p", { class: "quiet" }, "Nothing is released yet."));
}

function work(cell) {
  return made("td", {},
    made("span", { class: `state ${cell.state}`, "data-sign": SIGNS[cell.state] }, seen.states[cell.state]),
    ...cell.notes.map((note) => made("span", { class: "note" }, note)));
}

find("show").append(...FILTERS.map(([value, words]) => made("option", { value }, words)));
find("show").addEventListener("change", () => seen && drawStudents());
find("find").addEventListener("input", () => seen && drawStudents());
// A page that nobody looks at asks for nothing.
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
look();
