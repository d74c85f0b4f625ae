import type { WorkerJob } from './base/worker-job.ts';

/**
 * Every job a worker thread can do, by name. Add a line; the function itself lives with its concept. Each is loaded when
 * it is first asked for: a thread must be ready to walk a context long before anybody wants an archive expanded.
 */
export const jobs: Readonly<Record<string, () => Promise<WorkerJob>>> = {
  'context.walk': async () => (await import('./context/walk.ts')).walkJob,
  'context.hash': async () => (await import('./context/hash-files.ts')).hashJob,
  'context.hashFiles': async () => (await import('./context/hash-files.ts')).hashFilesJob,
  'context.keep': async () => (await import('./context/stat-cache.ts')).saveStatCacheJob,
  'explain.files': async () => (await import('./solver/file-changes.ts')).fileChangesJob,
  'image.writeDirectory': async () => (await import('./image/export/write-directory.ts')).writeDirectoryJob,
  'layer.compress': async () => (await import('./image/export/compress-block.ts')).compressBlockJob,
  'layer.digest': async () => (await import('./image/export/compress-block.ts')).digestFileJob,
  'layer.write': async () => (await import('./layer/write-layer.ts')).writeLayerJob,
  'layer.writeFollowed': async () => (await import('./layer/write-layer.ts')).writeFollowedLayerJob,
  'layer.hash': async () => (await import('./layer/follow-file.ts')).followFileJob,
  'layer.upper': async () => (await import('./layer/list-upper.ts')).listUpperJob,
  'layer.index': async () => (await import('./layer/index-layer.ts')).indexLayerJob,
  'archive.probe': async () => (await import('./layer/expand-archive.ts')).probeArchiveJob,
  'archive.expand': async () => (await import('./layer/expand-archive.ts')).expandArchiveJob,
};
