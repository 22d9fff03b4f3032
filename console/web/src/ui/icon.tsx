// The few icons of the shell, drawn on 16 by 16 with a pen of 1.5.

const paths = {
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.3h-2.3',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.6.6M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.6-.6',
  system: 'M2.5 3.5h11v7.5h-11zM5.5 13.5h5M8 11v2.5',
  light:
    'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  dark: 'M13 9.4A5.4 5.4 0 1 1 6.6 3a4.3 4.3 0 0 0 6.4 6.4Z',
  help: 'M6 6.1a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.6v.1M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2',
  down: 'M4.5 6.5 8 10l3.5-3.5',
  left: 'M9.5 4.5 6 8l3.5 3.5',
  right: 'M6.5 4.5 10 8l-3.5 3.5',
  search: 'M7.2 2.8a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8M10.5 10.5l3 3',
  clock: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 5v3.2l2 1.3',
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  check: 'M3.5 8.5l3 3 6-7',
  download: 'M8 2.5v7M5 7l3 3 3-3M3 12.8h10',
  leave: 'M6.5 3H3.5v10h3M7 8h6M10.5 5.5 13 8l-2.5 2.5',
} as const;

export type IconName = keyof typeof paths;

/** An icon beside a word or inside a labelled button; it says nothing by itself. */
export function Icon(props: { name: IconName }) {
  return <Drawing class="icon-drawing" path={paths[props.name]} pen="1.5" size={16} />;
}

/** A drawing on 16 by 16, with a pen of the given width. */
export function Drawing(props: { class: string; path: string; pen: string; size: number }) {
  return (
    <svg
      class={props.class}
      width={props.size}
      height={props.size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width={props.pen}
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={props.path} />
    </svg>
  );
}
