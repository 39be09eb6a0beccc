// Reading and writing the notebook document: the answer literal of the cell that shows a question,
// and the Markdown cell below a prompt. Everything goes through the shared model of the open notebook.

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";

// The document that this widget's manager belongs to, or null where the editor hands out none.
function documentOf(model) {
  const context = model.widget_manager?.context;
  return context?.model?.cells && context.model.sharedModel ? context : null;
}

function cellsOf(context) {
  return Array.from({ length: context.model.cells.length }, (_, index) => context.model.cells.get(index));
}

const sourceOf = (cell) => cell.sharedModel.getSource();

const courseMetadata = (cell) => cell?.getMetadata?.("course") ?? {};

// The cells whose output shows this very widget: one, or more after a cell was copied together with its
// output. Never looked up by question id: with two notebooks on one kernel, `context` is the first notebook's.
function hostCells(context, widgetId) {
  const shows = (cell) => {
    if (cell.type !== "code") return false;
    for (let index = 0; index < cell.outputs.length; index++) {
      if (cell.outputs.get(index).data?.[WIDGET_VIEW]?.model_id === widgetId) return true;
    }
    return false;
  };
  return cellsOf(context).filter(shows);
}

// Instructor notebooks are released as they are, so an answer stored in one would reach every student.
function isInstructorCopy(context) {
  return cellsOf(context).some((cell) => /###\s*BEGIN (HIDDEN TESTS|SOLUTION)/.test(sourceOf(cell)));
}

// A place to keep something: {context, cells, read(), write(value)}, or {refused: why} with why one of
// "no-document", "other-notebook", "instructor", "cell-changed".
function findPlace(model, placeInside, knownCells) {
  const context = documentOf(model);
  if (!context) return { refused: "no-document" };
  let hosts = hostCells(context, model.get("own_id"));
  // After a reload from disk the output may be another one, but the cells we were in are still ours.
  if (!hosts.length && knownCells) hosts = cellsOf(context).filter((cell) => knownCells.includes(cell.id));
  // VS Code hands out a context with an empty notebook instead of the real one.
  if (!hosts.length) return { refused: context.model.cells.length <= 1 ? "no-document" : "other-notebook" };
  if (isInstructorCopy(context)) return { refused: "instructor" };
  const place = placeInside(context, hosts);
  return place ? { context, hosts: hosts.map((cell) => cell.id), ...place } : { refused: "cell-changed" };
}

// ---- The literal of a question, scenario or review ------------------------------------------------

// The function that a widget's cell calls.
const CALLS = { scenario: "scenario", review: "review" };
const callOf = (model) => CALLS[model.get("kind")] ?? "ask";

const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// What a Python literal holds: null for None, a string, a list of strings; undefined if unreadable.
function parseLiteral(literal) {
  if (literal === undefined || literal === "None") return null;
  const string = /^(?:"([^"\\]*)"|'([^'\\]*)')$/.exec(literal);
  if (string) return string[1] ?? string[2];
  if (!/^\[\s*(?:(?:"[^"\\]*"|'[^'\\]*')\s*,?\s*)*\]$/.test(literal)) return undefined;
  const ids = [...literal.matchAll(/"([^"\\]*)"|'([^'\\]*)'/g)].map((match) => match[1] ?? match[2]);
  return ids.length ? ids : null;
}

function formatLiteral(answer) {
  if (answer === null) return "None";
  return Array.isArray(answer)
    ? `[${answer.map((id) => JSON.stringify(id)).join(", ")}]`
    : JSON.stringify(answer);
}

// Where the answer stands in a source: {start, end, literal}; literal is undefined in `ask("id")`.
function findLiteral(source, call, item) {
  const pattern = new RegExp(
    String.raw`\b${call}\(\s*(["'])${escapeRegExp(item)}\1(\s*(?:,\s*(?:answer\s*=\s*)?([^()]*?))?\s*,?\s*)\)`,
    "d",
  );
  const match = pattern.exec(source);
  if (!match) return null;
  const [start, end] = match.indices[3] ?? match.indices[2];
  return { start, end, literal: match[3] };
}

function answerPlace(model, knownCells) {
  const [call, item] = [callOf(model), model.get("item")];
  const find = (cell) => findLiteral(sourceOf(cell), call, item);
  // The answers of a question are a set; the steps of a scenario and the draw of a review have an order.
  const read = (cell) => {
    const value = parseLiteral(find(cell)?.literal);
    return call === "ask" && Array.isArray(value) ? value.sort() : value;
  };
  const inside = (context, hosts) => {
    if (!hosts.every(find)) return null;
    return {
      cells: hosts,
      read: () => read(hosts[0]),
      write: (answer) => hosts.forEach((cell) => writeLiteral(cell, find(cell), answer)),
      differs: () => otherAnswers(context, hosts, item, find, read),
    };
  };
  return findPlace(model, inside, knownCells);
}

function writeLiteral(cell, found, answer) {
  const literal = formatLiteral(answer);
  if (found.literal === literal) return;
  const text = found.literal === undefined ? `, answer=${literal}` : literal;
  cell.sharedModel.transact(() => cell.sharedModel.updateSource(found.start, found.end, text));
}

// Whether the question also stands in a cell elsewhere in this notebook, with another answer.
function otherAnswers(context, hosts, item, find, read) {
  const mine = JSON.stringify(read(hosts[0]));
  return cellsOf(context).some((cell) => {
    if (cell.type !== "code" || hosts.includes(cell) || !sourceOf(cell).includes(item)) return false;
    return find(cell) !== null && JSON.stringify(read(cell)) !== mine;
  });
}

// Whether the cell right above already shows the question to the reader.
function stemStandsAbove(model) {
  const context = documentOf(model);
  const host = context && hostCells(context, model.get("own_id"))[0];
  if (!host) return false;
  const cells = cellsOf(context);
  const above = cells[cells.indexOf(host) - 1];
  return above?.type === "markdown" && courseMetadata(above).stem === model.get("item");
}

// ---- The Markdown cell of a reflection ----------------------------------------------------------

// With `mend`, a text cell that was turned into code or raw text (the keys Y and R) becomes Markdown again, and
// the hint goes from a text that was typed beside it in the cell.
function textPlace(model, knownCells, { mend = false } = {}) {
  const stub = model.get("stub");
  const inside = (context, hosts) => {
    const cells = cellsOf(context);
    const isBelow = (cell) => cells.indexOf(cell) > cells.indexOf(hosts[0]);
    const marked = cells.filter((cell) => courseMetadata(cell).prompt === model.get("prompt"));
    const ordered = [...marked.filter(isBelow), ...marked.filter((cell) => !isBelow(cell))];
    const textOf = (cell) => (sourceOf(cell).trim() === stub ? "" : sourceOf(cell));
    // Where a cell was split or copied, the one that holds a text is the one that counts.
    let target = ordered.find((cell) => textOf(cell).trim()) ?? ordered[0];
    if (!target) return null;
    const mended = mend && target.type !== "markdown";
    if (mended) target = asMarkdown(context, target);
    if (mend) removeHint(target, stub);
    const others = marked.filter((cell) => cell.id !== target.id);
    return {
      cells: [target],
      mended,
      read: () => textOf(target),
      write: (text) => {
        const source = text.trim() ? text : stub;
        if (source !== sourceOf(target)) target.sharedModel.setSource(source);
      },
      differs: () => others.some((cell) => textOf(cell).trim() && textOf(cell) !== textOf(target)),
    };
  };
  return findPlace(model, inside, knownCells);
}

// A cell cannot change its type: a Markdown cell with the same id, text and metadata takes its place.
function asMarkdown(context, cell) {
  const { id, source, metadata } = cell.sharedModel.toJSON();
  delete metadata.trusted; // of code cells only; the server would store it
  const index = cellsOf(context).indexOf(cell);
  const notebook = context.model.sharedModel;
  notebook.transact(() => {
    notebook.deleteCell(index);
    notebook.insertCell(index, { id, cell_type: "markdown", source, metadata });
  });
  return context.model.cells.get(index);
}

function removeHint(cell, hint) {
  const source = sourceOf(cell);
  const [start, end] = source.startsWith(hint) ? [0, hint.length] : [source.length - hint.length, source.length];
  // Only this piece: who is typing in the cell keeps the cursor.
  if (source.trim() !== hint && source.slice(start, end) === hint) cell.sharedModel.updateSource(start, end, "");
}

// A new text cell right below, where the old one is gone; answers are known by the mark it carries.
function addTextCell(model, text) {
  const context = documentOf(model);
  const index = cellsOf(context).indexOf(hostCells(context, model.get("own_id"))[0]);
  const metadata = { course: { prompt: model.get("prompt") }, deletable: false };
  const source = text.trim() ? text : model.get("stub");
  context.model.sharedModel.insertCell(index + 1, { cell_type: "markdown", source, metadata });
}
