import type { ErrorPayload } from '../../shared/error-payload.ts';

/** Code of a call whose connection broke before the answer came: it may or may not have been carried out. */
export const CONNECTION_LOST = 'CONNECTION_LOST';

/** What may be shown of anything thrown: a payload's fields, or one sentence. Never a stack. */
export function errorOf(thrown: unknown): ErrorPayload {
  if (!isPayload(thrown)) {
    const hint = thrown instanceof Error ? thrown.message : '';
    return {
      code: 'INTERNAL',
      message: 'Something went wrong inside Slipway.',
      ...(hint === '' ? {} : { hint }),
    };
  }
  const { code, message, hint, file, range } = thrown;
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(file === undefined ? {} : { file }),
    ...(range === undefined ? {} : { range }),
  };
}

function isPayload(thrown: unknown): thrown is ErrorPayload {
  const candidate = thrown as Partial<Record<keyof ErrorPayload, unknown>> | null | undefined;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.code === 'string' &&
    typeof candidate.message === 'string'
  );
}
