// The reflections page: opens a prompt, takes what the grader does, and has it saved at once.

import { find, made } from "./nodes.js";
import { Outbox, Refused, sender } from "./outbox.js";
import { askName, editComments, openExemplars, openKeys, openRules, openUnsafe, roundTable } from "./scoring_dialogs.js";
import {
  TODO, buildCriteria, fieldset, say, showBanner, showEarned, showHere, showKept, showLevels, showProgress, showQuestion,
  showText,
} from "./scoring_view.js";

const TYPING = 700;
const OTHERS = 20000;
const BUSY = 5000;
const base = document.body.dataset.base;
const post = sender(base);
const page = await pageName();

let rater = "";
let account = false;
let task = null; // { assignment, prompt }
let view = null; // what the server sent of the prompt
let texts = []; // in this grader's order; each with `local`, what stands on the desk
let at = 0;
let here = 0; // the marked criterion
let round = -1; // the round of practice, -1 while real texts are scored
let outbox = null;
let settling = 0;

const about = () => ({ ...task, rater });
const now = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const shown = () => (round < 0 ? texts : practiceTexts());
const current = () => shown()[at];
const firstComment = () => Math.max(...view.rubric.criteria.map(({ levels }) => levels.length));

function stored(name, value) {
  try {
    if (value === undefined) return sessionStorage.getItem(name) ?? localStorage.getItem(name) ?? "";
    sessionStorage.setItem(name, value);
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
  return value;
}

// A name for this tab that a reload keeps: what this tab sent before is no other window's word. A duplicate of the
// tab begins with a copy of its storage, and so draws a name of its own.
async function pageName() {
  const drawn = crypto.getRandomValues(new Uint32Array(2)).join("-");
  try {
    const kept = sessionStorage["grading:page"];
    if (kept && (await taken(kept))) return kept;
    sessionStorage["grading:page"] = drawn;
  } catch {
    // A browser that keeps nothing draws another name at a reload.
  }
  await taken(drawn);
  return drawn;
}

// Whether this page has a name to itself, for as long as it is open. At a reload the page before lets go of it late.
function taken(name) {
  if (!navigator.locks) return true; // only safe addresses have locks: https, and this computer
  return new Promise((tell) => {
    const keep = () => {
      tell(true);
      return new Promise(() => {});
    };
    navigator.locks.request(`grading:${name}`, { signal: AbortSignal.timeout(1500) }, keep).catch(() => tell(false));
  });
}

// --- Opening

async function start() {
  let list;
  try {
    list = await post("");
  } catch (error) {
    return trouble(null, error);
  }
  account = Boolean(list.rater);
  find("names").append(...list.raters.map((name) => made("option", { value: name })));
  rater = list.rater || stored("grading:rater") || stored("grading:rater", await askName(""));
  nameButton();
  if (!list.assignments.length) {
    find("empty").textContent = "There is no reflection to score yet: no released assignment has a text that a rubric scores.";
    find("empty").hidden = false;
    return undefined;
  }
  const pick = find("prompts");
  for (const { id, title, prompts } of list.assignments) {
    for (const [place, prompt] of prompts.entries()) {
      const name = prompts.length > 1 ? `${title}, question ${place + 1}` : title;
      pick.append(made("option", { value: JSON.stringify({ assignment: id, prompt: prompt.id }) }, name));
    }
  }
  const wanted = decodeURIComponent(location.hash.slice(1));
  const options = [...pick.options].map((option) => option.value);
  pick.value = options.includes(wanted) ? wanted : options[0];
  pick.addEventListener("change", () => openPrompt(JSON.parse(pick.value)));
  return openPrompt(JSON.parse(pick.value));
}

async function openPrompt(wanted, keep = false) {
  const before = keep ? current()?.id : undefined;
  try {
    view = await post("open", { ...wanted, rater });
  } catch (error) {
    return trouble(null, error);
  }
  if (view.rater !== rater) rater = stored("grading:rater", view.rater);
  nameButton();
  task = wanted;
  history.replaceState(null, "", `#${encodeURIComponent(JSON.stringify(wanted))}`);
  document.title = `Reflections – ${find("prompts").selectedOptions[0].textContent}`;
  outbox?.close();
  outbox = new Outbox(`grading:${base}:${JSON.stringify(wanted)}:${rater}:`, (action, body, lasting) =>
    post(action, { page, ...body, ...wanted, rater }, lasting), { onSaved: saved, onConflict: conflict, onTrouble: trouble });
  texts = view.texts.map((text) => ({ ...text, asked: view.words, local: localOf(text) }));
  round = -1;
  buildCriteria(view.rubric, choose, (place) => mark(place));
  showQuestion(view.prompt.text);
  showKept(view.comments, firstComment(), insert, changeComments);
  find("empty").hidden = texts.length > 0;
  find("empty").textContent = "Nobody has handed in a text for this question yet, or nothing is graded: run Autograde first.";
  find("desk").hidden = !texts.length;
  states(view);
  if (!texts.length) return undefined;
  const place = texts.findIndex((text) => text.id === before);
  const first = texts.findIndex((text) => TODO.includes(text.role));
  show(place >= 0 ? place : Math.max(first, 0));
  const asks = Object.keys(view.asks).length;
  if (view.waits) say(waiting(view.waits), true);
  else if (outbox.waiting.length) say("Sending what was entered before…");
  else if (asks) say(`${asks} scored ${asks === 1 ? "text has" : "texts have"} other points in the formgrader: see the notes.`, true);
  else say("Everything is saved as you choose it. Press ? for the keys.");
  outbox.soon(0);
  return undefined;
}

// What the grader entered here and the server does not have yet stands before what the server has.
function localOf(text) {
  const mine = text.mine;
  const kept = outbox.entries.get(text.id);
  const local = {
    levels: { ...mine?.levels },
    comment: mine?.comment ?? "",
    unsafe: mine?.unsafe ?? false,
    base: mine?.lines ?? 0,
    changed: mine?.changed ?? false,
  };
  if (kept && kept.mark === text.mark) Object.assign(local, { ...kept, changed: false });
  return local;
}

function states({ texts: sent, progress }) {
  showProgress(progress);
  const known = new Map(texts.map((text) => [text.id, text]));
  let stale = sent.length !== texts.length;
  for (const { id, mark: mine, role, unsafe } of sent) {
    const text = known.get(id);
    if (!text || text.mark !== mine) stale = true;
    else Object.assign(text, { role, unsafe });
  }
  const unsafe = texts.filter((text) => text.unsafe).length;
  find("open-unsafe").hidden = !unsafe;
  find("open-unsafe").textContent = `Unsafe plans (${unsafe})`;
  return stale;
}

// --- One text

function show(place) {
  at = place;
  const text = current();
  const list = shown();
  if (!text) return;
  showText(text, at, list.length);
  find("criteria").parentElement.scrollTop = 0;
  showLevels(view, text.local);
  const open = view.rubric.criteria.findIndex(({ id }) => text.local.levels[id] === undefined);
  mark(Math.max(open, 0));
  showEarned(view.rubric, round >= 0 && finished() ? text.exemplar : null);
  for (const id of ["unsafe-row", "remarks"]) find(id).hidden = round >= 0;
  banner(text);
}

function banner(text) {
  const asked = view.asks[text.id];
  if (round >= 0) practiceBanner();
  else if (text.conflict !== undefined) {
    const other = text.conflict;
    const levels = view.rubric.criteria.map(({ id }) => other?.levels[id] ?? "–").join(" ");
    showBanner(
      `You scored this text in another window, too. There: ${levels}${other?.comment ? `, “${other.comment}”` : ""}.`,
      ["Keep what stands here", () => resolve(text, true)],
      ["Take the other", () => resolve(text, false)],
    );
  } else if (asked) {
    const { found, ours } = asked;
    const theirs = found.points === null ? "no points" : `${found.points} points`;
    const said = found.comment ? `, with the comment “${found.comment}”` : "";
    showBanner(
      `Somebody has entered ${theirs} for this text in the formgrader${said}. Your levels make ${ours.points}. Which counts?`,
      ["Keep the formgrader’s", () => decide(text, "theirs", found)],
      ["Use the levels", () => decide(text, "ours", found)],
    );
  } else if (text.local.changed) {
    showBanner(
      "The student’s text has changed since you scored it. Your earlier levels are marked. Read it again and change what no longer fits.",
      ["All levels still fit", () => save(text)],
    );
  } else showBanner("");
}

function go(step) {
  const place = at + step;
  if (place < 0 || place >= shown().length) return say(step > 0 ? "This is the last text." : "This is the first text.");
  return visit(place);
}

function visit(place) {
  show(place);
  find("text").focus({ preventScroll: true });
  say(`Text ${at + 1} of ${shown().length}: ${find("chip").textContent}.`);
}

function goNext() {
  const list = shown();
  const order = [...list.keys()].map((step) => (at + 1 + step) % list.length);
  const open = (text) => (round < 0 ? TODO.includes(text.role) : !complete(text.local));
  const place = order.find((one) => open(list[one]));
  if (place === undefined) return say(round < 0 ? "Nothing is left for you to score here." : "This round is finished.");
  return visit(place);
}

// --- Choosing

const complete = (local) => view.rubric.criteria.every(({ id }) => local.levels[id] !== undefined);

function mark(place) {
  here = place;
  showHere(view.rubric, here);
}

// In a low frame the levels scroll, and keys must not choose what is out of sight.
const bringHere = () => fieldset(view.rubric.criteria[here].id).scrollIntoView({ block: "nearest" });

function focusHere() {
  const radios = [...fieldset(view.rubric.criteria[here].id).querySelectorAll("input:not(:disabled)")];
  (radios.find((radio) => radio.checked) ?? radios[0])?.focus();
}

function choose(id, level) {
  const text = current();
  if (text.local.unsafe && id === view.rubric.capped && level > 0) {
    return say("The plan is marked as unsafe, so this criterion stays at 0.", true);
  }
  text.local.levels[id] = level;
  showLevels(view, text.local);
  if (round >= 0) return practised(text);
  return save(text);
}

function chooseByKey(level) {
  const { id, levels } = view.rubric.criteria[here];
  if (level >= levels.length) return;
  choose(id, level);
  const open = view.rubric.criteria.findIndex(({ id: other }) => current().local.levels[other] === undefined);
  if (open >= 0) mark(open);
  else if (here < view.rubric.criteria.length - 1) mark(here + 1);
  bringHere();
  if (find("criteria").contains(document.activeElement)) focusHere();
}

function tickUnsafe(on) {
  const { local } = current();
  const { capped } = view.rubric;
  local.unsafe = on;
  if (capped && on) {
    local.uncapped = local.levels[capped];
    local.levels[capped] = 0;
  } else if (capped && local.uncapped !== undefined) {
    local.levels[capped] = local.uncapped;
  }
  showLevels(view, local);
  save(current());
}

function insert(words) {
  if (round >= 0) return;
  const box = find("comment");
  const whole = box.value;
  const inside = document.activeElement === box;
  const [start, end] = inside ? [box.selectionStart, box.selectionEnd] : [whole.length, whole.length];
  const gap = start > 0 && whole[start - 1] !== "\n" ? "\n" : "";
  box.value = whole.slice(0, start) + gap + words + whole.slice(end);
  current().local.comment = box.value;
  save(current());
}

function save(text, delay = 0, decided = undefined) {
  const { levels, comment, unsafe, base: seen } = text.local;
  text.local.changed = false;
  // With the name of this tab: if only the next one can send it, it is still the last word of this one.
  outbox.put(text.id, { levels: { ...levels }, comment, unsafe, mark: text.mark, base: seen, decided, page }, delay);
  if (delay) say(outbox.safe ? "Writing… kept in this browser." : "Writing…");
  else say("Saving…");
  if (text === current() && !decided) banner(text);
}

// --- What the server answers

function saved(id, answer) {
  const text = texts.find((one) => one.id === id);
  if (text) {
    text.local.base = answer.rating.lines;
    delete view.asks[id];
    if (answer.booked.state === "asks") view.asks[id] = answer.booked;
  }
  const stale = states(answer);
  if (text && text === current()) {
    showText(text, at, shown().length);
    banner(text);
  }
  if (!outbox.waiting.length) {
    say(...savedWords(text, answer.booked));
    if (stale) openPrompt(task, true);
  }
}

function savedWords(text, booked) {
  const saying = `Saved at ${now()}.`;
  const doubts = booked.doubts?.length ? ` But look at your comment: ${booked.doubts.join("; ")}.` : "";
  if (booked.state === "waits") return [`${saying} ${waiting(booked.why)}`, true];
  const missing = text ? view.rubric.criteria.filter(({ id }) => text.local.levels[id] === undefined).length : 0;
  if (missing) return [`${saying} ${missing === 1 ? "1 level is" : `${missing} levels are`} missing.`];
  const told = {
    asks: " But the formgrader has other points: see the note above the text.",
    "asks-other": " The formgrader has other points; the first reader is asked about them.",
    kept: " The formgrader’s own points stay, as decided.",
    second: " Yours is a second reading: the first reader’s points stay in the gradebook. Press n for the next text.",
    gone: " But this student has no place in the gradebook any more: run Autograde, then open this page again.",
  }[booked.state];
  return [saying + (told ?? " The gradebook has the points. Press n for the next text.") + doubts, Boolean(doubts || booked.state === "asks")];
}

// The points are tried again until the gradebook takes them.
function waiting(why) {
  settleSoon(why);
  return `The gradebook does not have all points yet; they follow by themselves. The reason: ${why}`;
}

function settleSoon(why) {
  clearTimeout(settling);
  settling = setTimeout(settle, BUSY, why);
}

async function settle(why) {
  try {
    const answer = await post("settle", about());
    Object.assign(view.asks, answer.asks);
    states(answer);
    if (answer.waits) settleSoon(why);
    else if (why) say(`Saved at ${now()}. The gradebook has the points.`);
  } catch {
    if (why) settleSoon(why);
  }
}

function conflict(id, answer) {
  const text = texts.find((one) => one.id === id);
  states(answer);
  if (!text) return;
  text.conflict = answer.conflict;
  say(`Text ${texts.indexOf(text) + 1} was scored in another window, too: choose which to keep.`, true);
  if (text === current()) banner(text);
}

function resolve(text, ours) {
  const other = text.conflict;
  delete text.conflict;
  if (ours) {
    text.local.base = other?.lines ?? 0;
    save(text);
  } else {
    outbox.drop(text.id);
    text.mine = other;
    text.local = localOf(text);
    show(at);
    say("The other window’s scores stand here now.");
  }
}

function decide(text, use, found) {
  delete view.asks[text.id];
  save(text, 0, { use, ...found });
  banner(text);
}

function trouble(id, error) {
  const kept = outbox && !outbox.safe
    ? "This browser keeps nothing, so leave this page open."
    : "What you entered is kept in this browser and sent again by itself.";
  if (!(error instanceof Refused)) return say(`Not saved yet: the server does not answer. ${id ? kept : "Load the page again."}`, true);
  if (error.status === 403 || error.status === 401) {
    return say(`Not saved yet: you are logged out. Log in in another tab. ${kept}`, true);
  }
  if (!id) return say(error.message, true);
  if (error.status === 400 || error.status === 404) return say(`Not saved: ${error.message}.`, true);
  return say(`Not saved yet: ${error.message} ${kept}`, true);
}

// --- Practice

const finished = () => view.practice.rounds[round].agreement.length > 0;

function practiceTexts() {
  const ids = view.practice.rounds[round].exemplars;
  return view.practice.exemplars
    .filter((one) => ids.includes(one.id))
    .map((one) => {
      one.local ??= { levels: { ...one.mine }, comment: "", unsafe: false };
      const words = one.text.split(/\s+/).filter(Boolean).length;
      return { id: one.id, text: one.text, words, role: "practice", local: one.local, exemplar: one };
    });
}

function practise() {
  if (round >= 0) return leavePractice();
  const { rounds } = view.practice;
  if (!rounds.length) return say("The course has no exemplars for this question.");
  const open = rounds.findIndex(({ agreement }) => !agreement.length);
  round = Math.max(open, 0);
  find("open-practice").firstChild.textContent = "Back to the class ";
  show(0);
  return say("Practice: score these texts alone. When all are scored, your levels are compared with the file.");
}

function leavePractice() {
  round = -1;
  find("open-practice").firstChild.textContent = "Practise ";
  const first = texts.findIndex((text) => TODO.includes(text.role));
  show(Math.max(first, 0));
  say("Back at the texts of the class.");
}

function practiceBanner() {
  const { rounds } = view.practice;
  const choices = rounds.map((_, index) => [`Round ${index + 1}`, () => ((round = index), show(0))]);
  showBanner(
    finished()
      ? "This is how your levels compare with those in the file. Talk over what differs by 2 or more. At least 70 % should be the same, and 95 % the same or 1 apart."
      : "Practice. Score each text alone; the scores in the file are shown when all of this round are scored.",
    ...choices,
    ["Back to the class", leavePractice],
  );
  if (finished()) find("banner").firstChild.after(roundTable(view.rubric, rounds[round].agreement));
}

async function practised(text) {
  say("Saving…");
  try {
    const answer = await post("practise", { ...about(), exemplar: text.id, levels: text.local.levels });
    const locals = new Map(view.practice.exemplars.map((one) => [one.id, one.local]));
    view.practice = answer.practice;
    for (const one of view.practice.exemplars) one.local = locals.get(one.id);
    say(`Saved at ${now()}.`);
    if (round >= 0 && finished()) show(at);
  } catch (error) {
    trouble("practice", error);
  }
}

// --- Buttons and keys

function nameButton() {
  find("open-name").textContent = rater || "Your name";
  find("open-name").disabled = account;
  find("open-name").title = `${rater}: ${account ? "your account" : "change who is scoring"}`;
}

async function changeName() {
  rater = await askName(rater);
  stored("grading:rater", rater);
  nameButton();
  if (task) await openPrompt(task);
  else location.reload();
}

async function nameOf(text) {
  try {
    const { student, name } = await post("whose", { ...about(), text: text.id });
    return name === student ? student : `${name} (${student})`;
  } catch (error) {
    return error.message;
  }
}

async function whose() {
  if (round >= 0) return;
  const text = current();
  const name = await nameOf(text);
  if (text === current()) find("about").textContent = name;
  say(`Text ${texts.indexOf(text) + 1} is by ${name}.`);
}

async function changeComments() {
  const wanted = await editComments(view.comments);
  if (!wanted) return;
  try {
    view.comments = (await post("comments", { ...about(), texts: wanted })).comments;
    showKept(view.comments, firstComment(), insert, changeComments);
    say(`Your comments are saved at ${now()}.`);
  } catch (error) {
    say(`Your comments are not saved: ${error.message}`, true);
  }
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  n: goNext,
  c: () => find("comment").focus(),
  u: () => round < 0 && tickUnsafe(!current().local.unsafe),
  w: whose,
  e: () => openExemplars(view, here),
  r: () => openRules(view),
  p: practise,
  "?": () => openKeys(view.rubric, firstComment()),
};

function arrow(step) {
  const place = here + step;
  if (place < 0 || place >= view.rubric.criteria.length) return;
  mark(place);
  focusHere();
  bringHere();
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !view || !shown().length) return;
  if (document.querySelector("dialog[open]")) return;
  if (target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) {
    if (event.key === "Escape" && target === find("comment")) focusHere();
    return;
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (target !== document.body && !find("criteria").contains(target)) return;
    event.preventDefault();
    arrow(event.key === "ArrowDown" ? 1 : -1);
    return;
  }
  if (!find("keys-on").checked) return;
  if (/^[0-9]$/.test(event.key)) {
    event.preventDefault();
    const digit = Number(event.key);
    const words = view.comments[digit - firstComment()];
    if (digit < firstComment()) chooseByKey(digit);
    else if (words) insert(words);
  } else if (Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

find("back").addEventListener("click", () => go(-1));
find("forth").addEventListener("click", () => go(1));
find("next").addEventListener("click", goNext);
find("whose").addEventListener("click", whose);
find("unsafe").addEventListener("change", (event) => tickUnsafe(event.target.checked));
find("comment").addEventListener("input", (event) => {
  current().local.comment = event.target.value;
  save(current(), TYPING);
});
find("comment").addEventListener("blur", () => outbox.soon(0));
find("criteria").addEventListener("submit", (event) => event.preventDefault());
find("open-exemplars").addEventListener("click", () => view && openExemplars(view, here));
find("open-rules").addEventListener("click", () => view && openRules(view));
find("open-practice").addEventListener("click", () => view && practise());
find("open-keys").addEventListener("click", () => view && openKeys(view.rubric, firstComment()));
find("open-unsafe").addEventListener("click", () => openUnsafe(texts, { go: visit, whose: nameOf }));
find("open-name").addEventListener("click", changeName);
find("own-window").hidden = window.self === window.top;
// JupyterLab keeps links in its frames from opening tabs; its own window may.
find("own-window").addEventListener("click", () => window.top.open(location.href));
find("keys-on").checked = stored("grading:keys") !== "off";
find("keys-on").addEventListener("change", (event) => stored("grading:keys", event.target.checked ? "on" : "off"));
window.addEventListener("online", () => outbox?.soon(0));
window.addEventListener("pagehide", () => outbox?.flush());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") outbox?.soon(0);
});
window.addEventListener("beforeunload", (event) => {
  if (outbox && !outbox.safe && outbox.waiting.length) event.preventDefault();
});
setInterval(() => {
  if (view && document.visibilityState === "visible" && !outbox.waiting.length) settle("");
}, OTHERS);

start();
