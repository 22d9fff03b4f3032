// Texts in SVG do not shorten themselves.

const widths = new Map<string, number>();
let canvas: CanvasRenderingContext2D | null | undefined;

/** The width of a text in pixels, in the page's font. */
export function textWidth(text: string, size: number, weight = 400): number {
  const key = `${weight} ${size} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    widths.set(key, (width = measured(text, size, weight)));
  }
  return width;
}

function measured(text: string, size: number, weight: number): number {
  canvas ??= document.createElement('canvas').getContext('2d');
  if (!canvas) return text.length * size * 0.58;
  canvas.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return canvas.measureText(text).width;
}

const cutter = new Intl.Segmenter();

// Letters as people see them: a vowel sign that is cut off its letter is read as another.
const lettersOf = (text: string): string[] => Array.from(cutter.segment(text), (s) => s.segment);

/** shorten takes out the middle: hosts and paths differ at both ends. */
export function shorten(text: string, room: number, width: (text: string) => number): string {
  if (width(text) <= room) return text;
  const letters = lettersOf(text);
  let [low, high] = [0, letters.length];
  const cut = (keep: number) =>
    letters.slice(0, Math.ceil(keep * 0.6)).join('') + '…' + letters.slice(letters.length - Math.floor(keep * 0.4)).join('');
  while (low < high) {
    const keep = (low + high + 1) >> 1;
    if (width(cut(keep)) <= room) low = keep;
    else high = keep - 1;
  }
  return cut(low);
}
