import { EngineError } from '../base/errors.ts';

/** Errors that may be gone when the same is asked again. */
const TRANSIENT = ['REGISTRY_CONNECTION_LOST', 'REGISTRY_TIMEOUT', 'REGISTRY_BUSY'];

const LOST = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'];

/** What Node and OpenSSL call certificates that do not hold. */
const UNTRUSTED =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE))/;

/** Whether asking again may help. */
export function isTransient(error: unknown): boolean {
  return error instanceof EngineError && TRANSIENT.includes(error.code);
}

/**
 * What a failed request or a broken body means: REGISTRY_CONNECTION_LOST, REGISTRY_TIMEOUT, REGISTRY_UNTRUSTED,
 * REGISTRY_PROXY_REFUSED, REGISTRY_ANSWER_INVALID or REGISTRY_UNREACHABLE. Aborts, errors of the engine and those of files
 * stay as they are. `host` is all that is said of the URL: the rest may be secret.
 */
export function networkError(error: unknown, host: string): unknown {
  if (error instanceof EngineError || (error instanceof Error && error.name === 'AbortError')) return error;
  const { code = 'network error', path } = error as NodeJS.ErrnoException;
  if (path !== undefined) return error;
  if (LOST.includes(code)) {
    return new EngineError('REGISTRY_CONNECTION_LOST', `The connection to ${host} broke.`, {
      hint: 'Try again; what arrived in full is kept.',
      cause: error,
    });
  }
  if (code.endsWith('TIMEOUT') || code === 'ETIMEDOUT') return timedOut(host);
  if (UNTRUSTED.test(code)) {
    return new EngineError('REGISTRY_UNTRUSTED', `The certificate of ${host} cannot be trusted (${code}).`, {
      hint: 'Install the certificate authority of the registry on this machine, or name it in NODE_EXTRA_CA_CERTS.',
      cause: error,
    });
  }
  if (code.startsWith('ERR_PROXY')) {
    return new EngineError('REGISTRY_PROXY_REFUSED', `The proxy does not let us through to ${host}.`, {
      hint: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.',
      cause: error,
    });
  }
  if (code.startsWith('HPE_')) return badAnswer(host, 'does not speak HTTP as registries do');
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return new EngineError('REGISTRY_UNREACHABLE', `${host} cannot be reached over TLS.`, {
      hint: 'If it has plain http only and you trust the network, mark it as insecure in the settings.',
      cause: error,
    });
  }
  return new EngineError('REGISTRY_UNREACHABLE', `${host} cannot be reached (${code}).`, {
    hint: 'Check the name of the registry, the network and the proxy.',
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
