// The little of a browser that the URL needs, for tests. Import it before anything that reads the URL.

const location = { hash: '' };
const history = {
  replaceState: (_state: unknown, _title: string, url: string) => (location.hash = url),
  pushState: (_state: unknown, _title: string, url: string) => (location.hash = url),
};

Object.assign(globalThis, { location, history, addEventListener: () => undefined });

export { location };
