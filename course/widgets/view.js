// What questions and reflections share on screen: safe text, keys that stay inside, and the status line.

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

let serial = 0;
const prefix = `course-${Math.random().toString(36).slice(2)}`;
const freshId = () => `${prefix}-${serial++}`;

// Plain text with `code`, **bold** and *italic*, as DOM nodes: nothing in it can become other markup.
function inline(text) {
  const marks = /`([^`]+)`|\*\*(?=\S)(.+?\S)\*\*|\*(?=\S)([^*]*?[^*\s])\*/gs;
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(marks)) {
    nodes.push(text.slice(end, match.index));
    if (match[1] !== undefined) nodes.push(element("code", {}, match[1]));
    else nodes.push(element(match[2] !== undefined ? "strong" : "em", {}, ...inline(match[2] ?? match[3])));
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

const paragraphs = (text) => text.split(/\n\s*\n/).map((part) => element("p", {}, ...inline(part.trim())));

// No key pressed in a widget may reach the notebook, where `x` cuts a cell and `d d` deletes it. JupyterLab
// listens while the event bubbles (stopped on the root), Notebook 7 while it is captured (the attribute on
// every focusable element). Saving keeps its usual keys.
const focusable = (node) => {
  node.setAttribute("data-lm-suppress-shortcuts", "true");
  return node;
};

function keepKeysInside(root, model) {
  root.addEventListener("keydown", (event) => {
    const context = documentOf(model);
    const command = event.ctrlKey || event.metaKey;
    if (!context && command) return; // other editors forward their own shortcuts from here
    if (context && command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      // With a shared kernel the document at hand is another notebook's.
      if (hostCells(context, model.get("own_id")).length) {
        saverOf(context)
          .saveAsAsked()
          .catch(() => {}); // the editor says why
      }
    }
    event.stopPropagation();
  });
}

function button(text, act, className = "") {
  const node = focusable(element("button", { type: "button", className }, text));
  // The second click of a double click belongs to what stood here before the first.
  node.addEventListener("click", (event) => event.detail < 2 && act());
  return node;
}

// A line read out by screen readers when its text changes.
function statusLine(className) {
  const words = element("span");
  const node = element("p", { className, role: "status" }, words);
  node.say = (text, warn = false) => {
    if (words.textContent !== text) words.textContent = text;
    node.classList.toggle("course-warn", warn);
    if (text) node.classList.add("course-opened"); // its room stays, so that nothing below jumps
  };
  return node;
}

// What the status line says: [text, whether to stress it]. `noun` is "answer", "text" or "path", and `thing`
// what is answered.
function savedStatus(place, noun, blank, cleared, thing = "question") {
  const saver = saverOf(place.context);
  const recorded = blank ? `Your ${noun} is cleared` : `Your ${noun} is recorded`;
  if (place.differs() && noun === "text")
    return [
      "Your text stands in two cells of this notebook, and they differ. Write all of it here, and empty the other cell.",
      true,
    ];
  if (place.differs())
    return [
      `This ${thing} stands twice in this notebook, with different answers. Make them the same, or delete the copy.`,
      true,
    ];
  if (place.context.model.collaborative)
    return [blank && !cleared ? `No ${noun} yet.` : `${recorded} in the shared notebook.`, false];
  if (saver.isSaved(place.cells))
    return [
      blank && !cleared ? `No ${noun} yet.` : `${recorded} and saved.`,
      false,
    ];
  if (saver.isWanted(place.cells)) {
    if (saver.state === "offline")
      return [
        "NOT saved: the notebook server does not answer. Keep this page open. Saving is tried again every few seconds.",
        true,
      ];
    if (saver.state === "stale")
      return [
        `NOT saved: this notebook was changed in another tab or program. Press Ctrl+S here, then choose Overwrite to keep this page, or Revert to take the other version.`,
        true,
      ];
    if (saver.state === "failed")
      return [
        `NOT saved: ${saver.error}. Press Ctrl+S to try again. If that fails too, copy your ${noun} and tell your instructor.`,
        true,
      ];
    return ["Saving…", false];
  }
  if (blank && !cleared) return [`No ${noun} yet.`, false];
  return [`${recorded}. Press Ctrl+S to save the notebook (Mac: Cmd+S).`, false];
}

// Keep a view in step with the notebook: `refresh` runs soon after each change of the document or its saving.
function follow(model, refresh) {
  const context = documentOf(model);
  if (!context) return () => {};
  let due = 0;
  const soon = () => {
    due ||= setTimeout(() => {
      due = 0;
      if (!context.isDisposed) refresh();
    }, 20);
  };
  const saver = context.model.cells.length > 1 ? saverOf(context) : null;
  context.model.contentChanged?.connect(soon);
  saver?.listeners.add(soon);
  return () => {
    clearTimeout(due);
    saver?.listeners.delete(soon);
    if (!context.isDisposed) context.model.contentChanged?.disconnect(soon);
  };
}

// Take a newer file from disk into a clean page. Returns whether the notebook was reloaded.
async function catchUp(place, focusValue) {
  return saverOf(place.context).takeNewerFile({ cells: place.hosts, value: focusValue });
}

// Put the focus back where it was before the notebook was reloaded from disk, once the view is on the page.
function takeFocus(place, inputs) {
  const focus = place.context && saverOf(place.context).focus;
  if (!focus || Date.now() > focus.until || !focus.cells.some((id) => place.hosts.includes(id))) return;
  const target = inputs.find((input) => input.value === focus.value) ?? inputs[0];
  if (!target) return;
  const attempt = (left) => {
    if (target.isConnected) {
      target.focus();
      if (target.type === "textarea") target.setSelectionRange(target.value.length, target.value.length);
    } else if (left) setTimeout(attempt, 50, left - 1);
  };
  attempt(20);
}
