/** What a registry asks for in `WWW-Authenticate` (RFC 9110, 11.6.1; distribution spec, token authentication). */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: Readonly<Record<string, string>>;
}

const MAX_HEADER = 8 * 1024;
const PARAMETER = /[\s,]*([A-Za-z_-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;

/** The challenge of the header; undefined where there is none that can be met. Bearer is preferred. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > MAX_HEADER) return undefined;
  for (const scheme of ['bearer', 'basic'] as const) {
    const found = new RegExp(`(^|,\\s*)${scheme}(?=\\s|$|,)`, 'i').exec(header);
    if (found) return { scheme, parameters: parametersAt(header, found.index + found[0].length) };
  }
  return undefined;
}

function parametersAt(header: string, start: number): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  PARAMETER.lastIndex = start;
  for (let found = PARAMETER.exec(header); found; found = PARAMETER.exec(header)) {
    parameters[found[1]!.toLowerCase()] = found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '';
  }
  return parameters;
}
