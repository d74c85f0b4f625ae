/** What a store holds at one moment, as far as clean-up has to know it. Gathered by gather-facts.ts. */
export interface StoreFacts {
  /** Every blob on disk, with what lives and dies together with it. */
  readonly families: readonly Family[];
  readonly images: readonly ImageFact[];
  /** By age, the newest last; of equal age those first that stand further down in a Dockerfile. */
  readonly records: readonly RecordFact[];
  readonly snapshots: readonly SnapshotFact[];
  readonly mounts: readonly MountFact[];
  /** The newest first. */
  readonly builds: readonly BuildFact[];
  readonly kept: readonly KeptFact[];
  readonly inputs: readonly { readonly hex: string; readonly bytes: number }[];
  readonly statCaches: readonly StatCacheFact[];
  /** The newest record that was seen. */
  readonly lastRecord: number;
  readonly otherBytes: number;
}

/** A layer in all its forms with its table of contents, or another blob. */
export interface Family {
  /** The layer's diffID, or the blob's digest. */
  readonly id: string;
  readonly digests: readonly string[];
  readonly bytes: number;
  /** A lease keeps it: somebody works with it. */
  readonly isLeased: boolean;
}

export interface ImageFact {
  readonly manifest: string;
  readonly config: string;
  readonly references: readonly string[];
  readonly families: readonly Family[];
  /** When it came, or when a build remembered it last. */
  readonly usedAt: number;
  /** A build looks for it by what it is, without a name. */
  readonly isRemembered: boolean;
  readonly isLeased: boolean;
}

export interface RecordFact {
  readonly key: string;
  readonly step: string;
  readonly name: string;
  readonly usedAt: number;
  /** The layer, where there is one. */
  readonly family: Family | undefined;
  readonly isLeased: boolean;
  /** Hex digests of the lists of files that it may name. */
  readonly inputs: readonly string[];
}

export interface SnapshotFact {
  readonly name: string;
  /** Of the layer. */
  readonly diffId: string;
  readonly bytes: number;
  readonly usedAt: number;
  readonly isLeased: boolean;
}

export interface MountFact {
  readonly name: string;
  /** What the Dockerfile calls it; undefined where its making was cut short. */
  readonly id: string | undefined;
  readonly bytes: number;
  /** ISO 8601. */
  readonly usedAt: string | undefined;
  readonly isTaken: boolean;
}

export interface BuildFact {
  readonly id: string;
  readonly folder: string;
  readonly startedAt: number;
  /** Of its log. */
  readonly bytes: number;
  readonly isRunning: boolean;
}

export interface KeptFact {
  readonly seq: number;
  readonly buildId: string;
  readonly step: string;
  readonly keptAt: number;
  readonly bytes: number;
  readonly isUsed: boolean;
  readonly families: readonly Family[];
}

export interface StatCacheFact {
  readonly name: string;
  readonly bytes: number;
  readonly usedAt: number;
  /** Its folder was built, and is not there any more. */
  readonly isGone: boolean;
}
