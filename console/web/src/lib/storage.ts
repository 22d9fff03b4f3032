// What a browser remembers for one person. It may be full or forbidden; nothing depends on it.

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`roentgen.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`roentgen.${key}`, value);
  } catch {
    // The page works the same without.
  }
}
