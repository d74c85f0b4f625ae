/** Limits on what is read from outside, so that a hostile image costs no more than an honest one. */

/** Bytes of a manifest, index, config, or an archive's `manifest.json`. */
export const MAX_DOCUMENT = 4 * 1024 * 1024;
/** Layers of one image. */
export const MAX_LAYERS = 1_000;
/** Names that one archive gives to its images. */
export const MAX_REFERENCES = 10_000;
/** Indexes within indexes. */
export const MAX_INDEX_DEPTH = 4;
/** Objects and lists within each other in a JSON document. */
export const MAX_JSON_DEPTH = 64;
