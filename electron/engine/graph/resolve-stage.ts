import { EngineError } from '../base/errors.ts';
import type { Dockerfile, Stage } from '../dockerfile/ast.ts';
import { suggest } from '../dockerfile/suggest.ts';
import type { SourceRange } from '../../../shared/source-range.ts';

/** The stage that is built: `target` by name (letter case aside), else the last. Fails with TARGET_NOT_FOUND. */
export function targetStage(dockerfile: Dockerfile, target: string | undefined): Stage {
  if (target === undefined || target === '') return dockerfile.stages.at(-1)!;
  const found = stageNamed(dockerfile.stages, target);
  if (found) return found;
  const names = dockerfile.stages.flatMap((stage) => stage.name ?? []);
  const close = suggest(target, names);
  throw new EngineError('TARGET_NOT_FOUND', `${dockerfile.file} has no stage named "${target}".`, {
    file: dockerfile.file,
    hint: close
      ? `Did you mean "${close}"?`
      : names.length > 0
        ? `Its stages are ${names.join(', ')}.`
        : 'None of its stages has a name; give one with FROM … AS name.',
  });
}

/** The latest stage of that name among `stages`; names are compared without letter case. */
export function stageNamed(stages: readonly Stage[], name: string): Stage | undefined {
  const wanted = name.toLowerCase();
  return stages.findLast((stage) => stage.name === wanted);
}

/**
 * The stage that COPY --from or a mount's `from` names, by number or name, as seen from stage `current`; undefined where it
 * names none, and so an image. Fails with STAGE_ORDER for a stage that is not defined before.
 */
export function readableStage(
  dockerfile: Dockerfile,
  current: number,
  from: string,
  range: SourceRange,
): Stage | undefined {
  const { stages, file } = dockerfile;
  const earlier = stages.slice(0, current);
  if (/^\d+$/.test(from)) {
    const index = Number(from);
    if (index < current) return stages[index];
    throw new EngineError(
      'STAGE_ORDER',
      index === current
        ? `The stage cannot read from itself (--from=${from}).`
        : `There is no stage ${from} before this one.`,
      {
        file,
        range,
        hint: `Stages are counted from 0; this is stage ${current}. Only earlier stages can be read.`,
      },
    );
  }
  const found = stageNamed(earlier, from);
  if (found) return found;
  if (stageNamed(stages, from)) {
    throw new EngineError('STAGE_ORDER', `Stage "${from}" is read before it is defined.`, {
      file,
      range,
      hint: 'Move that stage above the one that reads it.',
    });
  }
  return undefined;
}

/** Those of the names that no stage has. */
export function unknownStages(dockerfile: Dockerfile, names: readonly string[]): readonly string[] {
  return names.filter((name) => stageNamed(dockerfile.stages, name) === undefined);
}
