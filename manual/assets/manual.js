// The documentation works without this. It adds the theme, the search, and keys.
(() => {
  'use strict';
  const root = document.documentElement;
  const base = new URL('./', document.currentScript.src);

  // The console's theme, remembered under the console's name. Set at once, so that no page flashes.
  const themes = ['system', 'light', 'dark'];
  const recall = () => {
    try {
      const known = localStorage.getItem('roentgen.theme');
      return themes.includes(known) ? known : 'system';
    } catch {
      return 'system';
    }
  };
  let theme = recall();
  const apply = () => {
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  apply();

  const startTheme = () => {
    const button = document.querySelector('.theme');
    const say = () => {
      button.textContent = { system: 'Auto', light: 'Light', dark: 'Dark' }[theme];
      button.setAttribute('aria-label', `Theme: ${theme}`);
    };
    button.addEventListener('click', () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      try {
        localStorage.setItem('roentgen.theme', theme);
      } catch {
        // It holds for this page.
      }
      apply();
      say();
    });
    say();
    button.hidden = false;
  };

  // The search: every word has to be in a part, as the beginning of a word there. Titles and headings count more.
  let index; // a promise, from the first search on
  const load = () => (index ??= fetch(new URL('search.json', base)).then((answer) => {
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  }).then((all) => all.parts.map(([page, id, heading, text]) => {
    const { title, address, section } = all.pages[page];
    return { href: new URL(address + (id ? `#${id}` : ''), base).href, title, section, heading, text,
      low: { title: title.toLowerCase(), heading: heading.toLowerCase(), text: text.toLowerCase() } };
  })));

  const letter = /[\p{L}\p{N}_]/u;
  const beginsWord = (text, word) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (at === 0 || !letter.test(text[at - 1]) || !letter.test(word[0])) return at;
    }
    return -1;
  };
  const score = (part, words) => {
    let sum = 0;
    for (const word of words) {
      const inTitle = beginsWord(part.low.title, word) >= 0;
      const inHeading = beginsWord(part.low.heading, word) >= 0;
      const inText = beginsWord(part.low.text, word) >= 0;
      if (!inTitle && !inHeading && !inText) return 0;
      sum += (inHeading ? 8 : 0) + (inTitle ? (part.heading ? 3 : 10) : 0) + (inText ? 1 : 0);
    }
    return sum;
  };
  const search = (parts, query) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return { words, hits: [] };
    const hits = parts.map((part, at) => ({ part, at, points: score(part, words) })).filter((hit) => hit.points > 0);
    hits.sort((a, b) => b.points - a.points || a.at - b.at);
    return { words, hits };
  };

  /** The text around the first word, in nodes: nothing of it becomes markup. */
  const snippet = (part, words) => {
    const at = Math.max(0, Math.min(...words.map((word) => beginsWord(part.low.text, word)).filter((n) => n >= 0), part.text.length));
    const from = at === part.text.length || at < 40 ? 0 : part.text.indexOf(' ', at - 40) + 1;
    const shown = (from > 0 ? '… ' : '') + part.text.slice(from, from + 140);
    const line = document.createElement('span');
    line.className = 'snippet';
    let rest = shown;
    while (rest) {
      const low = rest.toLowerCase();
      const first = words.map((word) => [beginsWord(low, word), word.length]).filter(([n]) => n >= 0).sort((a, b) => a[0] - b[0])[0];
      if (!first) break;
      const mark = document.createElement('mark');
      mark.textContent = rest.slice(first[0], first[0] + first[1]);
      line.append(rest.slice(0, first[0]), mark);
      rest = rest.slice(first[0] + first[1]);
    }
    line.append(rest);
    return line;
  };

  const startSearch = () => {
    const most = 12;
    const box = document.querySelector('.search');
    const input = box.querySelector('input');
    const results = box.querySelector('.results');
    const status = results.querySelector('[role=status]');
    const list = results.querySelector('ul');
    const links = () => [...list.querySelectorAll('a')];
    let turn = 0;

    const show = async () => {
      const query = input.value;
      const mine = ++turn;
      let found;
      try {
        found = search(await load(), query);
      } catch (error) {
        index = undefined; // the next letter asks again
        results.hidden = false;
        status.textContent = `The search cannot be loaded: ${error.message}`;
        return;
      }
      if (mine !== turn) return; // somebody has typed on
      const { words, hits } = found;
      results.hidden = words.length === 0;
      status.textContent = hits.length === 0 ? 'Nothing has all these words.'
        : hits.length > most ? `The first ${most} of ${hits.length} places` : `${hits.length} ${hits.length === 1 ? 'place' : 'places'}`;
      list.replaceChildren(...hits.slice(0, most).map(({ part }) => {
        const item = document.createElement('li');
        const link = document.createElement('a');
        const name = document.createElement('strong');
        link.href = part.href;
        name.textContent = part.heading ? `${part.title} › ${part.heading}` : part.title;
        link.append(name, snippet(part, words));
        item.append(link);
        return item;
      }));
    };
    const close = () => {
      turn++;
      results.hidden = true;
    };
    input.addEventListener('focus', () => { load().catch(() => { index = undefined; }); if (input.value) show(); });
    input.addEventListener('input', show);
    box.addEventListener('keydown', (event) => {
      const all = links();
      const at = all.indexOf(document.activeElement);
      if (event.key === 'ArrowDown' && all.length > 0) all[Math.min(at + 1, all.length - 1)].focus();
      else if (event.key === 'ArrowUp' && at >= 0) (at === 0 ? input : all[at - 1]).focus();
      else if (event.key === 'Enter' && at < 0 && all.length > 0) location.href = all[0].href;
      else if (event.key === 'Escape') { close(); input.focus(); }
      else return;
      event.preventDefault();
    });
    list.addEventListener('click', close);
    document.addEventListener('click', (event) => { if (!box.contains(event.target)) close(); });
    document.addEventListener('keydown', (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
    box.hidden = false;
  };

  // What scrolls sideways can be reached with the keyboard.
  const startScrolling = () => {
    const look = () => {
      for (const box of document.querySelectorAll('article .scroll, article pre')) {
        if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
        else box.removeAttribute('tabindex');
      }
    };
    look();
    addEventListener('resize', look);
  };

  const startCopying = () => {
    if (!navigator.clipboard) return; // not over plain HTTP from another host
    for (const code of document.querySelectorAll('.code')) {
      if (code.querySelector('.caption')?.textContent === 'prints') continue;
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'copy';
      button.textContent = 'Copy';
      button.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(code.querySelector('code').textContent);
          button.textContent = 'Copied';
        } catch {
          button.textContent = 'Not allowed';
        }
        setTimeout(() => { button.textContent = 'Copy'; }, 1500);
      });
      code.append(button);
    }
  };

  // The list of contents shows where one is; the page itself stays at its top.
  const showPlace = () => {
    const here = document.querySelector('.contents [aria-current]');
    const list = document.querySelector('.contents');
    if (here && here.offsetTop > list.clientHeight - 40) list.scrollTop = here.offsetTop - list.clientHeight / 2;
  };

  document.addEventListener('DOMContentLoaded', () => {
    startTheme();
    startSearch();
    startScrolling();
    startCopying();
    showPlace();
  });
})();
