// What the page remembers. Everything of a complaint is in sessionStorage, which goes with the tab; of the settings alone
// is kept longer. Photographs and recordings are nowhere but in memory.

const keyName = 'afirgen.key', draftName = 'afirgen.draft.';

export const key = {
  get: () => sessionStorage.getItem(keyName) ?? '',
  set: value => sessionStorage.setItem(keyName, value),
  forget: () => sessionStorage.removeItem(keyName),
};

export const setting = {
  get: (name, otherwise) => localStorage.getItem('afirgen.' + name) ?? otherwise,
  set: (name, value) => localStorage.setItem('afirgen.' + name, value),
};

// draft is text that the server does not have yet, by the complaint that it belongs to and a name.
export const draft = {
  get: (scope, name) => sessionStorage.getItem(draftName + scope + ':' + name),
  set(scope, name, value) {
    try {
      sessionStorage.setItem(draftName + scope + ':' + name, value);
    } catch { /* full: the text is still in its field */ }
  },
  forget: (scope, name) => sessionStorage.removeItem(draftName + scope + ':' + name),
  // drop forgets everything of a scope; of all scopes without one.
  drop(scope) {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(draftName + (scope === undefined ? '' : scope + ':'))) sessionStorage.removeItem(name);
    }
  },
};

// kept binds a control to its draft: what was typed and not sent comes back after a reload.
export function kept(scope, name, control) {
  const initial = control.type === 'checkbox' ? String(control.checked) : control.value;
  const now = () => control.type === 'checkbox' ? String(control.checked) : control.value;
  const old = draft.get(scope, name);
  if (old !== null) {
    if (control.type === 'checkbox') control.checked = old === 'true';
    else control.value = old;
  }
  const save = () => now() === initial ? draft.forget(scope, name) : draft.set(scope, name, now());
  control.addEventListener('input', save);
  control.addEventListener('change', save);
  control.restored = old !== null && old !== initial;
  control.undo = () => {
    draft.forget(scope, name);
    if (control.type === 'checkbox') control.checked = initial === 'true';
    else control.value = initial;
  };
  return control;
}
