import type { Command } from 'commander';
import { Option } from 'commander';
import type { BuildEvent, BuiltImage } from '../../shared/build-events.ts';
import { displayText, formatDuration, shortId } from '../../shared/format.ts';
import { watchedFilesText } from '../../shared/watch-words.ts';
import { toErrorPayload } from '../engine/base/errors.ts';
import type { WatchBuildOptions, WatchBuildResult } from '../watcher/watch-build.ts';
import { addBuildFlags, requestOf, type BuildFlags } from './build-command.ts';
import type { CommandContext } from './command-context.ts';
import { errorText } from './show-error.ts';
import { note } from './streams.ts';

interface WatchFlags extends BuildFlags {
  readonly whileBuilding: 'finish' | 'restart';
}

/** `slipway watch`: builds, and builds again on save, a line each, until interrupted. */
export function addWatchCommand(program: Command, context: CommandContext): void {
  const command = program.command('watch').description('build, and build again whenever something is saved');
  addBuildFlags(command)
    .addOption(
      new Option(
        '--while-building <what>',
        'what a save does to the build under way: let it finish or restart it',
      )
        .choices(['finish', 'restart'])
        .default('finish'),
    )
    .action((folder: string, flags: WatchFlags) => runWatch(folder, flags, context));
}

async function runWatch(folder: string, flags: WatchFlags, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const request = requestOf(folder, flags, terminal);
  const engine = await context.engine({ buildsNext: true });
  // Only this command needs the watcher.
  const { watchProject } = await import('../watcher/project-watch.ts');
  const live = engine.watching.context();
  let round = 0;

  async function build(options: WatchBuildOptions): Promise<WatchBuildResult> {
    const { files, count, onStarted } = options;
    const reason = files.length === 0 ? '' : `${watchedFilesText(files, count)}: `;
    const head = `#${++round} ${displayText(reason)}`;
    const seen = createRound(onStarted);
    try {
      const trigger = { kind: 'watch' as const, files, count };
      const image = await engine.build(
        { ...request, trigger },
        { live, signal: options.signal, onEvents: seen.onEvents },
      );
      note(terminal, `${head}${seen.result(image, options, performance.now())}`);
      return { outcome: 'succeeded' };
    } catch (error) {
      if (options.signal.aborted) {
        if (!signal.aborted) note(terminal, `${head}called off for what was saved meanwhile.`);
        return { outcome: 'cancelled' };
      }
      note(terminal, `${head}failed.`);
      note(terminal, errorText(error, seen.source() ?? (await context.readSource(error, request.folder))));
      return { outcome: 'failed', error: toErrorPayload(error) };
    }
  }

  const said = { polling: '', error: '' };
  const { folder: watched, dockerfile } = request;
  const watch = watchProject(
    {
      context: live,
      files: (before) => engine.watching.files(watched, dockerfile, before),
      build,
    },
    {
      whileBuilding: flags.whileBuilding,
      onState() {
        const { polling = '', error } = watch.state();
        const failed = error === undefined ? '' : errorText(error);
        if (polling !== said.polling && polling !== '') note(terminal, displayText(polling));
        if (failed !== said.error && failed !== '') note(terminal, failed);
        Object.assign(said, { polling, error: failed });
      },
    },
  );
  note(terminal, `Watching ${displayText(watched)}. Ctrl+C stops.`);
  await new Promise<void>((resolve) => {
    // The watch does not keep the process alive before it has subscribed, or while its folder is gone.
    const alive = setInterval(() => undefined, 2 ** 30);
    const stop = (): void => (clearInterval(alive), resolve());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  await watch.close();
}

/** What is said of one build when it has ended. */
function createRound(onStarted: (buildId: string) => void) {
  let source: string | undefined;
  let steps = 0;
  let cached = 0;
  return {
    source: () => source,
    onEvents(events: readonly BuildEvent[]): void {
      for (const event of events) {
        if (event.type === 'build.started') onStarted(event.buildId);
        else if (event.type === 'build.planned') source = event.source;
        else if (event.type === 'step.finished' && event.state !== 'skipped') {
          steps++;
          if (event.state === 'cached') cached++;
        }
      }
    },
    result(image: BuiltImage, { files, heardAt, quietAt }: WatchBuildOptions, now: number): string {
      const built = `built ${shortId(image.config)} in ${formatDuration(now - quietAt)}, ${cached} of ${steps} steps from the cache`;
      return files.length === 0 ? `${built}.` : `${built}; ${formatDuration(now - heardAt)} after the save.`;
    },
  };
}
