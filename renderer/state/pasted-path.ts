/** The path in a pasted text, where it is one and nothing else: absolute, one line. `file://` addresses and quotes are understood. */
export function pastedPath(text: string): string | undefined {
  const line = text.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (line.startsWith('file://')) {
    try {
      return decodeURIComponent(new URL(line).pathname);
    } catch {
      return undefined;
    }
  }
  return /^(\/|[A-Za-z]:\\)[^\n\r\0]*$/.test(line) && line.length <= 4096 ? line : undefined;
}
