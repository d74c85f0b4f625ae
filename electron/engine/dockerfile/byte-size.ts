const UNITS = ['', 'k', 'm', 'g', 't', 'p'];

/** Bytes of a size as Docker writes them (`64m`, `1.5GiB`, `512 kb`; units count in 1024s, case does not matter); undefined where it is none. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text);
  if (!match) return undefined;
  const bytes = Number(match[1]) * 1024 ** UNITS.indexOf(match[2]!.toLowerCase());
  return Number.isSafeInteger(Math.trunc(bytes)) ? Math.trunc(bytes) : undefined;
}
