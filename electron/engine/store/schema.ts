/** Marks the file as a Slipway database: "SLPW" (SQLite's application_id). */
export const APPLICATION_ID = 0x534c5057;

/**
 * The schema, one step a version; a step, once released, never changes. Digests are text. JSON columns hold what is only
 * ever read whole. What a table is for:
 * image_blobs: everything an image reaches: manifest, config, layer blobs, and diffIDs (their unpacked form).
 * lease_blobs: what a lease keeps, whether it exists yet or not; dies with lease and owner.
 * garbage: digests that lost a referrer and may now be unreached; read by the collector.
 * kept, kept_blobs: file systems of failed steps, and the layers they lie on.
 * removed_records: keys of cache records that were cleaned up, and when, so that misses can be explained.
 * solved: what the latest builds of a project solved, likewise.
 * snapshot_uses: when layers unpacked for RUN were used last.
 * damaged: blobs seen not to be what their name says; written again as if they were missing.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE images (
    manifest TEXT PRIMARY KEY, descriptor TEXT NOT NULL, config TEXT NOT NULL, created_at TEXT,
    stored_at TEXT NOT NULL, build_id TEXT, origin TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE image_blobs (
    manifest TEXT NOT NULL REFERENCES images ON DELETE CASCADE, digest TEXT NOT NULL, PRIMARY KEY (manifest, digest)
  ) WITHOUT ROWID;
  CREATE INDEX image_blobs_digest ON image_blobs (digest);
  CREATE TABLE tags (
    reference TEXT PRIMARY KEY, manifest TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
    descriptor TEXT NOT NULL, updated_at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX tags_manifest ON tags (manifest);
  CREATE TABLE layers (
    diff_id TEXT PRIMARY KEY, content_digest TEXT NOT NULL, blob_digest TEXT NOT NULL, blob_size INTEGER NOT NULL,
    media_type TEXT NOT NULL, size INTEGER NOT NULL, created_at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX layers_blob ON layers (blob_digest);
  CREATE TABLE cache (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, step TEXT NOT NULL, parts TEXT NOT NULL,
    layer TEXT, result TEXT, created_at TEXT NOT NULL, used_at INTEGER NOT NULL
  );
  CREATE INDEX cache_step ON cache (step, seq);
  CREATE INDEX cache_layer ON cache (layer);
  CREATE TABLE owners (owner TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE leases (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES owners ON DELETE CASCADE, purpose TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX leases_owner ON leases (owner);
  CREATE TABLE lease_blobs (
    lease TEXT NOT NULL REFERENCES leases ON DELETE CASCADE, digest TEXT NOT NULL, PRIMARY KEY (lease, digest)
  ) WITHOUT ROWID;
  CREATE INDEX lease_blobs_digest ON lease_blobs (digest);
  CREATE TABLE garbage (digest TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE damaged (digest TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE builds (
    id TEXT PRIMARY KEY, folder TEXT NOT NULL, started_at INTEGER NOT NULL, owner TEXT, summary TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX builds_folder ON builds (folder, started_at);
  CREATE INDEX builds_started ON builds (started_at);
  `,
  `
  CREATE TABLE kept (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, build_id TEXT NOT NULL, step TEXT NOT NULL, project TEXT NOT NULL,
    folder TEXT NOT NULL, kept_at INTEGER NOT NULL, layers TEXT NOT NULL, also_reads TEXT NOT NULL, details TEXT NOT NULL, used_by TEXT,
    UNIQUE (build_id, step)
  );
  CREATE INDEX kept_project ON kept (project);
  CREATE TABLE kept_blobs (
    seq INTEGER NOT NULL REFERENCES kept ON DELETE CASCADE, digest TEXT NOT NULL, PRIMARY KEY (seq, digest)
  ) WITHOUT ROWID;
  CREATE INDEX kept_blobs_digest ON kept_blobs (digest);
  `,
  `
  CREATE TABLE removed_records (key TEXT PRIMARY KEY, removed_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX removed_records_at ON removed_records (removed_at);
  CREATE TABLE solved (seq INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, steps TEXT NOT NULL);
  CREATE INDEX solved_project ON solved (project, seq);
  `,
  `
  CREATE TABLE snapshot_uses (name TEXT PRIMARY KEY, used_at INTEGER NOT NULL) WITHOUT ROWID;
  `,
];

/** The version this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The statements that lead from `version` to the current one; none when it is current. */
export function migrationsAfter(version: number): readonly string[] {
  return MIGRATIONS.slice(version);
}
