// Which entity stands below which: the documents of a trace become one forest. Subsegments stand
// below what embeds them, segments below the subsegment that called them, and what the server
// inferred of a callee is folded into the call, so that it is neither shown nor counted twice.
import { type Doc, flag, id, number, objects, string } from './document.ts';

/** An entity on its way to becoming a span. */
export interface Leaf {
  id: string;
  kind: 'segment' | 'subsegment';
  doc: Doc;
  text: string | undefined;
  inferred: Doc | undefined;
  children: Leaf[];
  lost: 'missing' | 'ring' | undefined;
  /** The entity at the top of the document that this stands in. */
  top: Leaf;
}

interface Top {
  leaf: Leaf;
  parentId: string;
  parent: Leaf | undefined;
}

/** Makes the forest. Every document is in it, exactly once; rings are cut where they begin. */
export function grow(documents: { doc: Doc; text: string }[]): Leaf[] {
  const byId = new Map<string, Leaf>();
  const tops: Top[] = [];
  const made = documents.filter(({ doc }) => !flag(doc, 'inferred'));
  for (const { doc, text } of made) {
    const leaf = sprout(doc, text, byId);
    tops.push({ leaf, parentId: id(doc, 'parent_id'), parent: undefined });
  }
  for (const { doc, text } of documents) {
    if (flag(doc, 'inferred') && !foldIn(doc, byId)) {
      tops.push({ leaf: sprout(doc, text, byId), parentId: id(doc, 'parent_id'), parent: undefined });
    }
  }
  for (const top of tops) top.parent = byId.get(top.parentId);
  return sortByStart(join(tops));
}

/** The leaf of a document with everything embedded in it. */
function sprout(doc: Doc, text: string | undefined, byId: Map<string, Leaf>): Leaf {
  const top = leafOf(doc, text, string(doc, 'type') === 'subsegment' ? 'subsegment' : 'segment');
  const open = [top];
  for (let leaf = open.pop(); leaf !== undefined; leaf = open.pop()) {
    if (leaf.id !== '' && !byId.has(leaf.id)) byId.set(leaf.id, leaf);
    leaf.children = objects(leaf.doc, 'subsegments').map((d) => leafOf(d, undefined, 'subsegment', top));
    for (const child of leaf.children) open.push(child);
  }
  return top;
}

function leafOf(doc: Doc, text: string | undefined, kind: Leaf['kind'], top?: Leaf): Leaf {
  const leaf: Leaf = { id: id(doc, 'id'), kind, doc, text, inferred: undefined, children: [], lost: undefined, top: undefined! };
  leaf.top = top ?? leaf;
  return leaf;
}

/**
 * Folds what was inferred of a callee into the call. What the server invented below the callee, such
 * as the time in a queue, goes below the call. It returns false when there is no such call.
 */
function foldIn(inferred: Doc, byId: Map<string, Leaf>): boolean {
  const call = byId.get(id(inferred, 'parent_id'));
  if (call === undefined) return false;
  call.inferred ??= inferred;
  for (const doc of objects(inferred, 'subsegments')) {
    if (!byId.has(id(doc, 'id'))) call.children.push(sprout({ ...doc, type: 'subsegment' }, undefined, byId));
  }
  return true;
}

/** Hangs every document below its parent and returns those that have none, ring openers included. */
function join(tops: Top[]): Leaf[] {
  const hung = new Map<Leaf, Leaf[]>();
  const roots: Leaf[] = [];
  for (const { leaf, parent, parentId } of tops) {
    if (parent === undefined) {
      if (parentId !== '') leaf.lost = 'missing';
      roots.push(leaf);
    } else {
      const below = hung.get(parent);
      if (below === undefined) hung.set(parent, [leaf]);
      else below.push(leaf);
    }
  }
  const reached = new Set<Leaf>();
  for (const root of roots) reach(root, hung, reached);
  const above = new Map(tops.map((t) => [t.leaf, t.parent?.top]));
  for (const { leaf } of tops) {
    if (reached.has(leaf)) continue;
    const opener = openerOf(leaf, above);
    opener.lost = 'ring';
    roots.push(opener);
    reach(opener, hung, reached);
  }
  return roots;
}

/** Walks down from a root and hangs on the way. What was reached already is left where it is, which cuts rings. */
function reach(root: Leaf, hung: Map<Leaf, Leaf[]>, reached: Set<Leaf>): void {
  const open = [root];
  reached.add(root);
  for (let leaf = open.pop(); leaf !== undefined; leaf = open.pop()) {
    for (const callee of hung.get(leaf) ?? []) {
      if (reached.has(callee)) continue;
      reached.add(callee);
      leaf.children.push(callee);
    }
    for (const child of leaf.children) open.push(child);
  }
}

/** Climbs from a leaf that no root leads to until it comes round, and returns the ring's earliest. */
function openerOf(leaf: Leaf, above: Map<Leaf, Leaf | undefined>): Leaf {
  const seen = new Set<Leaf>();
  let at = leaf;
  for (; !seen.has(at); at = above.get(at) ?? at) seen.add(at);
  let opener = at;
  for (let next = above.get(at) ?? at; next !== at; next = above.get(next) ?? at) {
    if (startOf(next) < startOf(opener)) opener = next;
  }
  return opener;
}

function sortByStart(forest: Leaf[]): Leaf[] {
  const open = [forest];
  for (let siblings = open.pop(); siblings !== undefined; siblings = open.pop()) {
    siblings.sort((a, b) => startOf(a) - startOf(b));
    for (const leaf of siblings) if (leaf.children.length > 0) open.push(leaf.children);
  }
  return forest;
}

function startOf(leaf: Leaf): number {
  return number(leaf.doc, 'start_time') ?? Infinity;
}
