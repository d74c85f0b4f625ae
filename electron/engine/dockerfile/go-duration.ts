const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // micro sign
  μs: 1e3, // Greek mu
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
const MAX_NANOSECONDS = 2 ** 63;

/**
 * Nanoseconds of a duration as Go's time.ParseDuration reads it (`1h30m`, `1.5s`, `-2ms`, `0`); undefined where it is none
 * or lasts longer than 2^63 ns. Whole nanoseconds; exact up to 2^53.
 */
export function parseGoDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const start = /^[+-]/.test(text) ? 1 : 0;
  if (text.slice(start) === '0') return 0;
  let total = 0;
  let at = start;
  while (at < text.length) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    const [whole = '', digits = '', fraction = '', unit = ''] = match ?? [];
    if (!match || (digits === '' && fraction === '')) return undefined;
    const scale = NANOSECONDS[unit]!;
    total += Number(digits) * scale + Math.trunc(Number(`0.${fraction || '0'}`) * scale);
    at += whole.length;
  }
  if (at === start || total >= MAX_NANOSECONDS) return undefined;
  return sign * total;
}
