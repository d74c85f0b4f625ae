import type { Digest } from '../../base/digest.ts';

/** An archive or a layout directory, opened: documents and blobs by member name. */
export interface ImageSource {
  /** For messages, at the beginning of a sentence. */
  readonly name: string;
  has(member: string): Promise<boolean>;
  /** A small member's bytes; undefined where there is none. Fails with IMAGE_ARCHIVE_CORRUPT where it is not small. */
  document(member: string): Promise<Buffer | undefined>;
  /**
   * Brings a member into the content store, leased, and answers what it is. With `expected` it is refused as
   * IMAGE_DIGEST_MISMATCH where it is something else. Fails with IMAGE_ARCHIVE_CORRUPT where it is missing.
   */
  ingest(
    member: string,
    expected?: ExpectedContent,
  ): Promise<{ readonly digest: Digest; readonly size: number }>;
}

export interface ExpectedContent {
  readonly digest: Digest;
  readonly size?: number;
}
