import { EngineError } from '../base/errors.ts';

/** DOCKERFILE_EXPANSION, without a place. */
export function expansionError(message: string, hint?: string): EngineError {
  return new EngineError('DOCKERFILE_EXPANSION', message, { hint });
}

/** The text ended where `stop` was to come. */
export function unfinished(stop: string): EngineError {
  return stop === '/'
    ? expansionError('A replacement lacks its second slash.', 'Write ${name/pattern/text}.')
    : expansionError('A ${ is not closed.', 'Close it with }, or write \\$ for a dollar sign.');
}

/** The text ended inside quotes. */
export function unclosedQuote(kind: 'single' | 'double'): EngineError {
  const sign = kind === 'single' ? "'" : '"';
  return expansionError(
    `A ${kind} quote is not closed.`,
    `Close it, or write \\${sign} for the sign itself.`,
  );
}
