import { join } from 'node:path';
import { hexOf, type Digest } from '../base/digest.ts';

/** Where everything lies in a store's directory (OCI image spec, image-layout.md, and Slipway's own names beside it). */
export interface StoreLayout {
  readonly root: string;
  readonly marker: string;
  readonly index: string;
  readonly blobs: string;
  readonly ingest: string;
  readonly tocs: string;
  readonly inputs: string;
  readonly builds: string;
  readonly statCache: string;
  /** Layers unpacked for RUN. */
  readonly snapshots: string;
  /** Folders of RUN --mount=type=cache. */
  readonly cacheMounts: string;
  /** File systems of failed steps. */
  readonly kept: string;
  readonly database: string;
  /** Says that the database was seen to be damaged and wants a full check. */
  readonly suspicion: string;
  /** A database that is only ever locked, while a process opens the store. */
  readonly openLock: string;
  /** A database that every open store holds a shared lock on. */
  readonly presence: string;
  /** Space to be given up when the disk is full. */
  readonly reserve: string;
  blob(digest: Digest): string;
  toc(diffId: Digest): string;
  input(digest: Digest): string;
  log(buildId: string): string;
}

/** What lies there before the database does. */
const FIRST_NAMES = new Set(['slipway.lock', 'slipway.open']);

/** The layout of the store at an absolute path. */
export function storeLayout(root: string): StoreLayout {
  const blobs = join(root, 'blobs', 'sha256');
  const tocs = join(root, 'toc');
  const inputs = join(root, 'inputs');
  const builds = join(root, 'builds');
  return {
    root,
    marker: join(root, 'oci-layout'),
    index: join(root, 'index.json'),
    blobs,
    ingest: join(root, 'ingest'),
    tocs,
    inputs,
    builds,
    statCache: join(root, 'stat-cache'),
    snapshots: join(root, 'snapshots'),
    cacheMounts: join(root, 'cache-mounts'),
    kept: join(root, 'kept'),
    database: join(root, 'slipway.db'),
    suspicion: join(root, 'slipway.db.suspect'),
    openLock: join(root, 'slipway.lock'),
    presence: join(root, 'slipway.open'),
    reserve: join(root, 'slipway.reserve'),
    blob: (digest) => join(blobs, hexOf(digest)),
    toc: (diffId) => join(tocs, hexOf(diffId)),
    input: (digest) => join(inputs, hexOf(digest)),
    log: (buildId) => join(builds, `${buildId}.jsonl`),
  };
}

/** Whether a directory with these names may become a store: it is empty, is one, or is one whose creation was cut short. */
export function mayHoldStore(names: readonly string[]): boolean {
  const signs = names.includes('oci-layout') || names.includes('slipway.db');
  return signs || names.every((name) => FIRST_NAMES.has(name));
}
