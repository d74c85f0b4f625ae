import type { JobContext } from './base/worker-job.ts';
import { hashJob } from './context/hash-files.ts';
import { saveStatCacheJob } from './context/stat-cache.ts';
import { walkJob } from './context/walk.ts';
import { writeDirectoryJob } from './image/export/write-directory.ts';
import { expandArchiveJob, probeArchiveJob } from './layer/expand-archive.ts';
import { indexLayerJob } from './layer/index-layer.ts';
import { writeLayerJob } from './layer/write-layer.ts';

/** Every job a worker thread can do, by name. Add a line; the function itself lives with its concept. */
export const jobs: Readonly<Record<string, (input: never, context: JobContext) => unknown>> = {
  'context.walk': walkJob,
  'context.hash': hashJob,
  'context.keep': saveStatCacheJob,
  'image.writeDirectory': writeDirectoryJob,
  'layer.write': writeLayerJob,
  'layer.index': indexLayerJob,
  'archive.probe': probeArchiveJob,
  'archive.expand': expandArchiveJob,
};
