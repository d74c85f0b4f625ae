import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { BuildEvent, BuiltImage } from '../../shared/build-events.ts';
import { familiarReference, shortId } from '../../shared/format.ts';
import { EngineError, isAbort } from '../engine/base/errors.ts';
import type { BuildRequest } from '../engine/build/build-request.ts';
import type { Engine } from '../engine/engine.ts';
import { checkFileDestination } from '../engine/build/check-outputs.ts';
import { parseBuildContext } from '../engine/build/parse-build-context.ts';
import { checkContext, parseOutput, parsePairs } from './build-flags.ts';
import type { CommandContext } from './command-context.ts';
import { parseGrants, parseNetwork, parseSandbox, type SandboxFlags } from './sandbox-flags.ts';
import { parseSecrets, parseSsh } from './secret-flags.ts';
import { createProgress, type ProgressMode } from './progress.ts';
import { errorText } from './show-error.ts';
import { showPrediction } from './show-prediction.ts';
import { note, print, type Terminal } from './streams.ts';

/** The application cleans up when it is idle; the command line at the end of a build, and so seldom. */
const TIDY_EVERY_MS = 24 * 3_600_000;

export interface BuildFlags extends SandboxFlags {
  readonly tag: readonly string[];
  readonly file?: string;
  readonly target?: string;
  readonly buildArg: readonly string[];
  readonly label: readonly string[];
  readonly buildContext: readonly string[];
  readonly cache: boolean;
  readonly cacheFilter: readonly string[];
  readonly explain?: boolean;
  readonly dryRun?: boolean;
  readonly pull?: boolean;
  readonly iidfile?: string;
  readonly metadataFile?: string;
  readonly quiet?: boolean;
  readonly progress: string;
  readonly output: readonly string[];
  readonly platform?: string;
  readonly secret: readonly string[];
  readonly ssh: readonly string[];
  readonly network: string;
  readonly allow: readonly string[];
  readonly json?: boolean;
}

const splitList = (value: string): readonly string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
const list = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `slipway build`: docker build's flags as far as the engine goes. */
export function addBuildCommand(program: Command, context: CommandContext): void {
  const command = program.command('build').description('build an image from a folder with a Dockerfile');
  addBuildFlags(command)
    .option('--iidfile <path>', 'write the image’s id to this file')
    .option('--metadata-file <path>', 'write what was built as JSON to this file')
    .addOption(
      new Option('--progress <how>', 'how progress is shown')
        .choices(['auto', 'plain', 'tty', 'quiet'])
        .default('auto'),
    )
    .option('-q, --quiet', 'print nothing but the image’s id')
    .option('--json', 'print what was built as JSON')
    .addOption(new Option('--load', 'the image is in the local store anyway').hideHelp())
    .action((folder: string, flags: BuildFlags) => runBuild(folder, flags, context));
}

/** What says what is built, and how. */
export function addBuildFlags(command: Command): Command {
  return command
    .argument('[folder]', 'the build context', '.')
    .option('-t, --tag <name>', 'name of the image, as name[:tag]; may be given again', list, [])
    .option('-f, --file <path>', 'the Dockerfile; default: Dockerfile in the folder')
    .option('--target <stage>', 'build this stage instead of the last')
    .option('--build-arg <name[=value]>', 'set an ARG; may be given again', list, [])
    .option(
      '--build-context <name=value>',
      'use a folder, docker-image://NAME or oci-layout://PATH[:TAG] where the Dockerfile says name; may be given again',
      list,
      [],
    )
    .option('--label <name=value>', 'add a label to the image; may be given again', list, [])
    .option('--no-cache', 'run every RUN, COPY and ADD, whatever is in the cache')
    .option(
      '--no-cache-filter <stages>',
      'run every step of these stages, by comma; may be given again',
      (value: string, before: readonly string[]) => [...before, ...splitList(value)],
      [],
    )
    .option('--explain', 'say why each step that runs was not found in the cache')
    .option('--dry-run', 'say which steps are cached and which would run, and why, and build nothing')
    .option('--pull', 'ask the registries for base images, also for those that the store has')
    .option('--platform <os/arch[/variant]>', 'what the image is for')
    .option(
      '--secret <spec>',
      'id=NAME,src=FILE or env=VARIABLE, for RUN --mount=type=secret; may be given again',
      list,
      [],
    )
    .option(
      '--ssh <spec>',
      'default, or ID=SOCKET|KEY,…, for RUN --mount=type=ssh; may be given again',
      list,
      [],
    )
    .option('--network <name>', 'network of RUN: default, none or host', 'default')
    .option('--allow <grant>', 'let RUN do security.insecure or network.host; may be given again', list, [])
    .option('--add-host <name=address>', 'a host that RUN knows; may be given again', list, [])
    .option('--shm-size <bytes>', 'size of /dev/shm, as 128m')
    .option('--ulimit <name=soft[:hard]>', 'a limit of the processes of RUN; may be given again', list, [])
    .option('-m, --memory <bytes>', 'most memory a RUN may take')
    .option('--memory-swap <bytes>', 'most memory and swap together; -1 for no limit')
    .option('-c, --cpu-shares <number>', 'weight among others that want the processor')
    .option('--cpu-period <microseconds>', 'period of --cpu-quota')
    .option('--cpu-quota <microseconds>', 'processor time in each period')
    .option('--cpuset-cpus <list>', 'processors to run on, as 0-2,4')
    .option('--cpuset-mems <list>', 'memory nodes to use')
    .option(
      '-o, --output <spec>',
      'also write type=oci|docker|tar|local,dest=PATH; may be given again',
      list,
      [],
    );
}

async function runBuild(folder: string, flags: BuildFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { cwd } = terminal;
  const iidfile = flags.iidfile === undefined ? undefined : resolve(cwd, flags.iidfile);
  const metadataFile = flags.metadataFile === undefined ? undefined : resolve(cwd, flags.metadataFile);
  if (!flags.cache && flags.cacheFilter.length > 0) {
    throw new EngineError('FLAG_CONFLICT', '--no-cache and --no-cache-filter cannot be used together.', {
      hint: 'Leave --no-cache-filter out: --no-cache is for all stages.',
    });
  }
  for (const path of [iidfile, metadataFile]) if (path !== undefined) await checkFileDestination(path);
  if (iidfile !== undefined && !flags.dryRun) await rm(iidfile, { force: true });
  const request = requestOf(folder, flags, terminal);
  const engine = await context.engine({ buildsNext: true });
  if (flags.dryRun) return dryRun(engine, request, flags, context);
  const progress = createProgress(flags.quiet ? 'quiet' : (flags.progress as ProgressMode), terminal, {
    explain: flags.explain ?? false,
  });
  let source: string | undefined;
  let buildId = '';
  const onEvents = (events: readonly BuildEvent[]): void => {
    for (const event of events) {
      if (event.type === 'build.planned') source = event.source;
      else if (event.type === 'build.started') buildId = event.buildId;
    }
    progress.onEvents(events);
  };
  try {
    const image = await engine.build(request, { onEvents, signal: context.signal });
    progress.close();
    await report(image, buildId, flags, { ...context, iidfile, metadataFile });
    await engine.storage.tidy(TIDY_EVERY_MS, context.signal);
  } catch (error) {
    progress.close();
    if (isAbort(error)) throw error;
    note(terminal, errorText(error, source ?? (await context.readSource(error, request.folder))));
    if (engine.debug.list(buildId).length > 0)
      note(terminal, `  hint: To look around where it failed: slipway debug ${buildId}`);
    context.fail(1);
  }
}

async function dryRun(
  engine: Engine,
  request: BuildRequest,
  { explain = false, json }: BuildFlags,
  { terminal, signal, fail, readSource }: CommandContext,
): Promise<void> {
  try {
    const prediction = await engine.predict(request, { signal });
    if (json) print(terminal, JSON.stringify(prediction, null, 2));
    else showPrediction(terminal, prediction, { explain });
  } catch (error) {
    if (isAbort(error)) throw error;
    note(terminal, errorText(error, await readSource(error, request.folder)));
    fail(1);
  }
}

/** The build these flags ask for. Fails as what reads them does. */
export function requestOf(folder: string, flags: BuildFlags, { cwd, environment }: Terminal): BuildRequest {
  return {
    folder: resolve(cwd, checkContext(folder)),
    // docker reads -f from the working directory, not from the context.
    ...(flags.file === undefined ? {} : { dockerfile: resolve(cwd, flags.file) }),
    tags: flags.tag,
    ...(flags.target === undefined ? {} : { target: flags.target }),
    buildArgs: parsePairs('--build-arg', flags.buildArg, environment),
    contexts: Object.fromEntries(flags.buildContext.map((text) => parseBuildContext(text, cwd))),
    labels: parsePairs('--label', flags.label),
    noCache: !flags.cache,
    noCacheFilter: flags.cacheFilter,
    pull: flags.pull ?? false,
    ...(flags.platform === undefined ? {} : { platform: flags.platform }),
    secrets: parseSecrets(flags.secret, environment, cwd),
    ssh: parseSsh(flags.ssh, environment, cwd),
    network: parseNetwork(flags.network),
    grants: parseGrants(flags.allow),
    sandbox: parseSandbox(flags),
    trigger: { kind: 'manual' as const },
    outputs: flags.output.map((text) => parseOutput(text, cwd)),
  };
}

async function report(
  image: BuiltImage,
  buildId: string,
  flags: BuildFlags,
  {
    terminal,
    iidfile,
    metadataFile,
  }: CommandContext & { readonly iidfile: string | undefined; readonly metadataFile: string | undefined },
): Promise<void> {
  if (iidfile !== undefined) await writeFile(iidfile, image.config);
  const metadata = {
    'containerimage.digest': image.id,
    'containerimage.config.digest': image.config,
    'image.name': image.references.join(','),
    'slipway.build.id': buildId,
    'slipway.image.size': image.size,
  };
  if (metadataFile !== undefined) await writeFile(metadataFile, `${JSON.stringify(metadata, null, 2)}\n`);
  const toStdout = flags.output.some((text) => text === '-' || /(^|,)dest=-(,|$)/.test(text));
  if (toStdout) return;
  if (flags.json) print(terminal, JSON.stringify(metadata));
  else if (flags.quiet) print(terminal, image.config);
  else {
    const names = image.references.map(familiarReference);
    note(
      terminal,
      `Built ${shortId(image.config)}${names.length > 0 ? `, tagged ${names.join(', ')}` : ''}.`,
    );
  }
}
