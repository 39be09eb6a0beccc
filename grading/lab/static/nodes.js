// Building the page: every text goes in as text, so that nothing a student wrote can come alive.

export const find = (id) => document.getElementById(id);

export function made(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

export const number = (value) => String(Math.round(value * 100) / 100);

export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
