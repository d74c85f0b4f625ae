import { EngineError } from '../base/errors.ts';

/** Errors that may be gone when the same is asked again. */
const TRANSIENT = ['REGISTRY_CONNECTION_LOST', 'REGISTRY_TIMEOUT', 'REGISTRY_BUSY'];

const LOST = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'];

/** Whether asking again may help. */
export function isTransient(error: unknown): boolean {
  return error instanceof EngineError && TRANSIENT.includes(error.code);
}

/**
 * What a failed fetch or a broken body means: REGISTRY_CONNECTION_LOST, REGISTRY_TIMEOUT or REGISTRY_UNREACHABLE. Aborts
 * and errors of the engine stay as they are. `host` is all that is said of the URL: the rest may be secret.
 */
export function networkError(error: unknown, host: string): unknown {
  if (error instanceof EngineError || (error instanceof Error && error.name === 'AbortError')) return error;
  const code = causeCode(error);
  if (LOST.includes(code)) {
    return new EngineError('REGISTRY_CONNECTION_LOST', `The connection to ${host} broke.`, {
      hint: 'Try again; what arrived in full is kept.',
      cause: error,
    });
  }
  if (code.endsWith('TIMEOUT') || code === 'ETIMEDOUT') return timedOut(host);
  return new EngineError('REGISTRY_UNREACHABLE', `${host} cannot be reached (${code}).`, {
    hint: 'Check the name of the registry and the network.',
    cause: error,
  });
}

/** REGISTRY_TIMEOUT. */
export function timedOut(host: string): EngineError {
  return new EngineError('REGISTRY_TIMEOUT', `${host} took too long to answer.`, {
    hint: 'Try again later.',
  });
}

/** REGISTRY_ANSWER_INVALID; `says` completes the sentence `HOST …`. */
export function badAnswer(host: string, says: string): EngineError {
  return new EngineError('REGISTRY_ANSWER_INVALID', `${host} ${says}.`, {
    hint: 'The registry does not keep to the OCI distribution specification.',
  });
}

/** REGISTRY_CONTENT_WRONG: bytes that are not what their name promises; nothing of them is kept. */
export function wrongContent(what: string, says: string, cause?: unknown): EngineError {
  return new EngineError('REGISTRY_CONTENT_WRONG', `${what} ${says}.`, {
    hint: 'Nothing was stored. The registry’s copy is damaged, or something on the way changed it.',
    cause,
  });
}

function causeCode(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  // A body that ends early has no code of its own.
  return error instanceof TypeError && error.message === 'terminated' ? 'UND_ERR_SOCKET' : 'network error';
}
