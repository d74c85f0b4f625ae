import type { WatchState } from '../../../shared/contract.ts';

const quiet = { whileBuilding: 'finish', unchanged: false } as const;

/** Projects of the fake application that are built on save, in each of the states that look different. */
export const FAKE_WATCHES: readonly WatchState[] = [
  {
    ...quiet,
    projectId: 'p0',
    phase: 'watching',
    files: ['src/server/routes/checkout.ts', 'src/app.ts', 'package.json'],
    fileCount: 3,
    number: 12,
    buildId: 'b-ok',
  },
  {
    ...quiet,
    projectId: 'p1',
    phase: 'changes',
    files: ['content/index.md'],
    fileCount: 1,
    number: 3,
    buildId: 'b-bad',
    polling:
      'The system watches no more folders for this user, so changes are looked for once a second. Raise the limit with "sudo sysctl fs.inotify.max_user_watches=524288".',
  },
  {
    ...quiet,
    projectId: 'p2',
    phase: 'queued',
    files: ['src/import/rows.ts', 'src/import/columns.ts'],
    fileCount: 2,
    number: 4,
    buildId: 'b-run',
  },
  { ...quiet, projectId: 'p3', phase: 'paused', files: [], fileCount: 0, number: 0 },
  {
    ...quiet,
    projectId: 'p4',
    phase: 'failed',
    files: [],
    fileCount: 0,
    number: 7,
    error: { code: 'CONTEXT_NOT_FOUND', message: 'There is no folder /mnt/usb/moved-away.' },
  },
];
