import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { EVERYTHING } from '../../electron/engine/store/space/usage.ts';
import type { Store } from '../../electron/engine/store/store.ts';

/** Takes every name away and cleans up everything; then nothing may be left, in the files and in the database. */
export async function expectEmptied(store: Store): Promise<void> {
  await store.references.remove(store.references.list().map(({ reference }) => reference));
  await store.space.prune(EVERYTHING);
  const left = (folder: string): readonly string[] =>
    existsSync(join(store.root, folder)) ? readdirSync(join(store.root, folder)) : [];
  for (const folder of ['blobs/sha256', 'toc', 'inputs', 'builds', 'snapshots', 'kept', 'ingest'])
    expect(left(folder), folder).toEqual([]);
  expect(store.cacheMounts.list()).toEqual([]);
  expect(store.images.list()).toEqual([]);
  const db = new Database(join(store.root, 'slipway.db'), { readonly: true });
  try {
    for (const table of [
      'cache',
      'layers',
      'images',
      'image_blobs',
      'lease_blobs',
      'garbage',
      'builds',
      'kept',
    ])
      expect([table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]).toEqual([table, 0]);
    // An open store has one lease of its own, for blobs that come.
    expect(db.prepare("SELECT count(*) FROM leases WHERE purpose <> 'fresh blobs'").pluck().get()).toBe(0);
  } finally {
    db.close();
  }
}
