import { EngineError } from '../../base/errors.ts';
import { quoteForMessage } from '../../base/go-quote.ts';
import type { DocumentLabel } from '../strict-json.ts';

/** The code of what is wrong inside an image archive. */
export const CORRUPT = 'IMAGE_ARCHIVE_CORRUPT';

/** How a member is called at the beginning of a sentence. */
export function memberLabel(name: string): DocumentLabel {
  return { name: `Member ${quoteForMessage(name, 120)}`, code: CORRUPT };
}

/** IMAGE_ARCHIVE_CORRUPT; `says` completes the sentence `Member "x" …`. */
export function corruptMember(name: string, says: string, cause?: unknown): EngineError {
  return new EngineError(CORRUPT, `${memberLabel(name).name} ${says}.`, { cause });
}

/** IMAGE_DIGEST_MISMATCH: what a member holds is not what something else says it holds. */
export function mismatch(name: string, says: string): EngineError {
  return new EngineError('IMAGE_DIGEST_MISMATCH', `${memberLabel(name).name} ${says}.`, {
    hint: 'The archive is damaged or was changed; get it again.',
  });
}

/** IMAGE_ARCHIVE_UNKNOWN: it may be sound, but it is no image. */
export function unknownArchive(name: string, says: string): EngineError {
  return new EngineError('IMAGE_ARCHIVE_UNKNOWN', `${name} is not an image archive: ${says}.`, {
    hint: 'An archive made with "slipway save", "docker save", "podman save" or skopeo, or an OCI image layout, can be loaded.',
  });
}
