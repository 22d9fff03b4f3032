// The page is built from elements and text nodes alone: nothing that a person or the server wrote is ever parsed.

const properties = new Set(['value', 'checked', 'disabled', 'hidden', 'open', 'selected', 'multiple', 'readOnly', 'tabIndex', 'noValidate', 'required', 'htmlFor', 'className', 'id', 'type', 'controls', 'src', 'href', 'alt', 'low', 'high', 'max', 'min']);

// h makes an element. Props are properties, attributes, or listeners (onclick); children that are null or false are left out.
export function h(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') e.addEventListener(name.slice(2), value);
    else if (properties.has(name)) e[name] = value;
    else e.setAttribute(name, value === true ? '' : String(value));
  }
  e.append(...children.flat(Infinity).filter(c => c !== undefined && c !== null && c !== false));
  return e;
}

let count = 0;

// labelled puts a label before a control and binds the two.
export function labelled(label, control, more = {}) {
  control.id ||= `f${++count}`;
  const described = [];
  const parts = [h('label', {htmlFor: control.id}, label, more.star && h('abbr', {class: 'star', title: more.star}, ' *'))];
  if (more.hint) {
    const hint = h('p', {class: 'hint', id: `${control.id}h`}, more.hint);
    described.push(hint.id);
    parts.push(hint);
  }
  if (more.problem) {
    const problem = h('p', {class: 'wrong', id: `${control.id}p`}, more.problem);
    described.push(problem.id);
    control.setAttribute('aria-invalid', 'true');
    parts.push(problem);
  }
  if (described.length) control.setAttribute('aria-describedby', described.join(' '));
  return h('div', {class: `field ${more.class ?? ''}`}, parts, control, more.after);
}

export const ticked = (label, control) => h('label', {class: 'tick'}, control, h('span', {}, label));

export const select = (options, value, props = {}) =>
  h('select', props, options.map(([v, label]) => h('option', {value: v, selected: v === (value ?? '')}, label)));

// grow lets a text area be as high as its text.
export function grow(area) {
  area.rows = Math.min(30, Math.max(Number(area.dataset.rows ?? 4), area.value.split('\n').reduce((n, line) => n + 1 + Math.floor(line.length / 70), 0) + 1));
  return area;
}

// reach goes to the field of a problem, or to its item.
export function reach(problem) {
  const field = document.querySelector(`[data-field="${CSS.escape(problem.field)}"]`) ?? document.querySelector(`[data-item="${problem.item}"]`);
  for (let e = field; e; e = e.parentElement) if (e instanceof HTMLDetailsElement) e.open = true;
  field?.focus();
  field?.scrollIntoView({block: 'center'});
}
