import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { Compression } from '../image/export/compress-layer.ts';
import type { Platform } from '../image/oci.ts';
import { parsePlatform } from '../image/platform.ts';
import { normalizeReference, normalizeTag, parseReference } from '../image/reference.ts';
import type { Lease } from '../store/store.ts';
import { findCredential, type Environment } from './credentials.ts';
import { pullImage, type PulledImage, type PullServices, type Remote } from './pull-image.ts';
import { pushImage, type PushedImage } from './push-image.ts';
import { createSession } from './session.ts';
import { readSettings, settingsFor, type Settings } from './settings.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';
import type { OnTransfer } from './transfer-progress.ts';
import { createTransport } from './transport.ts';

export interface TransferOptions {
  readonly onTransfer?: OnTransfer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Registries, as the rest of the engine uses them: whoever is asked follows from the reference and the user's settings. */
export interface Registries {
  /**
   * See {@link pullImage}. `platform` as people write it, or as images have it. Mirrors are asked first, each with its own
   * password; what they lack or get wrong comes from the registry itself.
   */
  pull(
    reference: string,
    lease: Lease,
    options?: TransferOptions & {
      readonly platform?: string | Platform | undefined;
      readonly tag?: boolean | undefined;
    },
  ): Promise<PulledImage>;
  /** See {@link pushImage}. */
  push(
    image: Digest,
    reference: string,
    lease: Lease,
    options?: TransferOptions & { readonly compression?: Compression | 'uncompressed' | undefined },
  ): Promise<PushedImage>;
}

/**
 * Registries with the passwords of Docker's configuration, the proxies and the settings that `environment` leads to; each
 * is read when it is wanted.
 */
export function createRegistries(
  services: PullServices,
  environment: Environment,
  timing: Timing = DEFAULT_TIMING,
): Registries {
  const transport = createTransport(environment, timing);

  function remote(
    settings: Settings,
    domain: string,
    repository: string,
    signal: AbortSignal | undefined,
  ): Remote {
    const { insecure } = settingsFor(settings, domain);
    const credential = (): ReturnType<typeof findCredential> => findCredential(domain, environment, signal);
    return { session: createSession({ domain, insecure, transport, credential }), repository };
  }

  return {
    async pull(reference, lease, { platform, ...options } = {}) {
      const wanted = typeof platform === 'string' ? parsePlatform(platform) : platform;
      const { domain, path } = parseReference(normalizeReference(reference));
      const settings = await readSettings(environment);
      const from = ({ session, repository }: Remote): Promise<PulledImage> =>
        pullImage(services, { session, repository }, reference, lease, { ...options, platform: wanted });
      for (const mirror of settingsFor(settings, domain).mirrors) {
        try {
          return await from(remote(settings, mirror.domain, mirror.prefix + path, options.signal));
        } catch (error) {
          options.signal?.throwIfAborted();
          if (!isOfTheMirror(error)) throw error;
        }
      }
      return from(remote(settings, domain, path, options.signal));
    },
    async push(image, reference, lease, options = {}) {
      const { domain, path } = parseReference(normalizeTag(reference));
      const to = remote(await readSettings(environment), domain, path, options.signal);
      return pushImage(services, to, image, reference, lease, options);
    },
  };
}

/** Whether the registry itself may do better; a full disk, say, is full for all. */
function isOfTheMirror(error: unknown): boolean {
  return error instanceof EngineError && /^(REGISTRY|IMAGE)_/.test(error.code);
}
