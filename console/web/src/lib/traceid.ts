// Trace ids as people paste them.

/**
 * The id in X-Ray's form when the text is one and nothing else: 1-<8 hex>-<24 hex>, 32 hex digits as
 * W3C and OpenTelemetry write them, or a trace header (Root=…;Parent=… or 00-<32>-<16>-<2>).
 */
export function traceIdOf(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^["']|["']$/g, '')
    .toLowerCase();
  const root = /^(?:[a-z-]+:\s*)?(?:[a-z]+=[^;]*;)*root=([^;]+)/.exec(bare)?.[1] ?? bare;
  const own = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(root);
  if (own) return `1-${own[1]}-${own[2]}`;
  const w3c = /^(?:00-)?([0-9a-f]{8})([0-9a-f]{24})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/.exec(root);
  return w3c ? `1-${w3c[1]}-${w3c[2]}` : undefined;
}
