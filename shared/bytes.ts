const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    '': 1,
    b: 1,
    k: 1e3,
    kb: 1e3,
    m: 1e6,
    mb: 1e6,
    g: 1e9,
    gb: 1e9,
    t: 1e12,
    tb: 1e12,
    kib: 2 ** 10,
    mib: 2 ** 20,
    gib: 2 ** 30,
    tib: 2 ** 40,
  }),
);

/** Bytes as people write them: `20GB`, `1.5 GiB`, `500m`, `0`; units of a thousand but for those with an i. Undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS.get((unit ?? '').toLowerCase());
  if (number === undefined || factor === undefined) return undefined;
  const bytes = Math.round(Number(number) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
