import { parsePlatform } from '../image/platform.ts';
import { normalizeReference, parseReference } from '../image/reference.ts';
import type { Platform } from '../image/oci.ts';
import type { Lease } from '../store/store.ts';
import { findCredential, type Environment } from './credentials.ts';
import { DEFAULT_TIMING, type Timing } from './exchange.ts';
import { pullImage, type OnTransfer, type PulledImage, type PullServices } from './pull-image.ts';
import { pushImage, type PushedImage } from './push-image.ts';
import { createSession, type Session } from './session.ts';
import type { Digest } from '../base/digest.ts';

export interface TransferOptions {
  readonly onTransfer?: OnTransfer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Registries, as the rest of the engine uses them: whoever is asked follows from the reference. */
export interface Registries {
  /** See {@link pullImage}. `platform` as people write it, or as images have it. */
  pull(
    reference: string,
    lease: Lease,
    options?: TransferOptions & { readonly platform?: string | Platform | undefined },
  ): Promise<PulledImage>;
  /** See {@link pushImage}. */
  push(image: Digest, reference: string, lease: Lease, options?: TransferOptions): Promise<PushedImage>;
}

/** Registries with the passwords of Docker's configuration in `environment`, which is read when one is wanted. */
export function createRegistries(
  services: PullServices,
  environment: Environment,
  timing: Timing = DEFAULT_TIMING,
): Registries {
  const sessionFor = (reference: string, signal: AbortSignal | undefined): Session => {
    const { domain } = parseReference(normalizeReference(reference));
    return createSession({ domain, timing, credential: () => findCredential(domain, environment, signal) });
  };
  return {
    async pull(reference, lease, { platform, ...options } = {}) {
      const wanted = typeof platform === 'string' ? parsePlatform(platform) : platform;
      const session = sessionFor(reference, options.signal);
      return pullImage(services, session, reference, lease, { ...options, platform: wanted });
    },
    async push(image, reference, lease, options = {}) {
      return pushImage(
        services.store,
        sessionFor(reference, options.signal),
        image,
        reference,
        lease,
        options,
      );
    },
  };
}
