/**
 * Fields of one CSV record after RFC 4180: a field that begins with a double quote ends with one, and holds quotes doubled.
 * Undefined for a quote anywhere else, a quote that is not closed, and text behind one.
 */
export function splitCsv(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    const field = text[at] === '"' ? readQuoted(text, at + 1) : readPlain(text, at);
    if (!field) return undefined;
    fields.push(field.value);
    at = field.end;
    if (at >= text.length) return fields;
    if (text[at] !== ',') return undefined;
  }
}

function readPlain(text: string, start: number): { value: string; end: number } | undefined {
  const comma = text.indexOf(',', start);
  const end = comma < 0 ? text.length : comma;
  const value = text.slice(start, end);
  return value.includes('"') ? undefined : { value, end };
}

function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  for (let at = start; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}
