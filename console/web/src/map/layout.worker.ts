// The worker that lays out maps, so that a large one does not stop the page.
import { layout, type Layout, type LayoutInput } from './layout.ts';

export interface LayoutQuestion {
  id: number;
  input: LayoutInput;
}

export interface LayoutAnswer {
  id: number;
  layout?: Layout;
  error?: string;
}

addEventListener('message', (event: MessageEvent<LayoutQuestion>) => {
  const { id, input } = event.data;
  postMessage(answer(id, input));
});

function answer(id: number, input: LayoutInput): LayoutAnswer {
  try {
    return { id, layout: layout(input) };
  } catch (cause) {
    return { id, error: cause instanceof Error ? cause.message : String(cause) };
  }
}
