// Elements, built so that no text can become markup: text gets in as text nodes alone.

const SVG = "http://www.w3.org/2000/svg";

const filled = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
};

// An element; attributes that are functions listen to the event of their name.
const h = (name, attributes = {}, ...children) =>
  filled(document.createElement(name), attributes, children);

const svg = (name, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, name), attributes, children);

const byId = (id) => document.getElementById(id);

// Texts and attributes are only touched where they change: what is read or selected stays.
const say = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

const set = (element, name, value) => {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
};

// Have `parent` hold these children in this order, and move only what stands elsewhere.
const arrange = (parent, children) => {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, place) => {
    if (parent.children[place] !== child)
      parent.insertBefore(child, parent.children[place] ?? null);
  });
  if (focused && document.activeElement !== focused && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
};

// A row of buttons of which one is pressed; `choose` is called with the value of another one.
const choice = (field, options, choose) => {
  const buttons = options.map(([value, text]) => {
    const button = h("button", { type: "button", click: () => choose(value) }, text);
    return [value, button];
  });
  field.append(...buttons.map(([, button]) => button));
  return (chosen) => {
    for (const [value, button] of buttons) set(button, "aria-pressed", value === chosen);
  };
};
