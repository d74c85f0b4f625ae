import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyPart } from '../store/store.ts';
import { explain, nearest, type BuildSoFar, type ReadChanges } from './explain.ts';
import { keyDifferences, type EarlierStep, type MissedStep } from './key-differences.ts';

const NO_FILES: ReadChanges = { changes: [], more: 0, added: 0, removed: 0 };
const AROUND: BuildSoFar = {
  fateOf: () => undefined,
  wasThere: () => true,
  removedStep: () => undefined,
  movedStep: () => undefined,
  stageLayers: () => [],
  contentOf: () => undefined,
};

interface Given {
  readonly source?: string;
  readonly operation?: object;
  readonly files?: string;
  readonly below?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly version?: number;
}

function partsOf({
  operation = { op: 'copy' },
  files = 'f',
  below = [],
  env = {},
}: Given): readonly KeyPart[] {
  return [
    { kind: 'operation', name: 'step', value: JSON.stringify(operation) },
    { kind: 'files', name: 'files', value: files },
    { kind: 'base', name: 'below', value: below.join(' ') },
    ...Object.entries(env).map(([name, value]): KeyPart => ({
      kind: 'environment',
      name,
      value: `${name}=${value}`,
    })),
  ];
}

function now(given: Given = {}): MissedStep {
  const { source = 'COPY a b', variables = {}, platform = 'linux/amd64', version = 1, below = [] } = given;
  return {
    ...{ id: '0/1', stage: '0', source, variables, args: [], platform, version, baseLayers: 0 },
    reads: [{ kind: 'context' }],
    parts: partsOf(given),
    below: below.map((content, i) => ({ content, step: `0/${i}` })),
  };
}

function earlier(given: Given = {}): EarlierStep {
  const { id: _id, below: _below, ...step } = now(given);
  return { ...step, key: 'sha256:0' };
}

const reason = (a: Given, b: Given, around: Partial<BuildSoFar> = {}) =>
  explain(now(a), earlier(b), () => NO_FILES, { ...AROUND, ...around });

describe('explain', () => {
  test('a version comes before everything else', () => {
    expect(reason({ version: 2, files: 'g' }, {})).toMatchObject({
      cause: { kind: 'version' },
      also: [{ kind: 'files' }],
    });
  });

  test('a step below that ran again leads to where that came from', () => {
    const fateOf = (step: string) =>
      step === '0/0'
        ? ({
            state: 'missed',
            reason: { cause: { kind: 'earlier-step', step: 'root/0', how: 'rebuilt' } },
          } as const)
        : undefined;
    expect(reason({ below: ['x'] }, { below: ['y'] }, { fateOf })).toEqual({
      cause: { kind: 'earlier-step', step: 'root/0', how: 'rebuilt' },
    });
  });

  test('a step that made the same is not blamed for the one above it', () => {
    const fateOf = () => ({ state: 'missed', reason: { cause: { kind: 'new' } } }) as const;
    expect(reason({ below: ['same', 'x'] }, { below: ['same', 'y'] }, { fateOf })).toEqual({
      cause: { kind: 'earlier-step', step: '0/1', how: 'rebuilt' },
    });
  });

  test('values of secrets are not told, whichever side has them', () => {
    const told = JSON.stringify([
      reason({ env: { API_TOKEN: 'hush' } }, {}),
      reason({}, { env: { API_TOKEN: 'hush' } }),
      reason({ env: { API_TOKEN: 'hush' } }, { env: { API_TOKEN: 'hush!' } }),
    ]);
    expect(told).not.toContain('hush');
    expect(told.match(/API_TOKEN/g)).toHaveLength(3);
  });

  test('names that only look like a secret are told', () => {
    expect(JSON.stringify(reason({ env: { PUBLIC_KEY: 'new' } }, { env: { PUBLIC_KEY: 'old' } }))).toContain(
      'new',
    );
  });

  test('everything from outside is clipped', () => {
    const long = 'x'.repeat(1_000_000);
    const text = JSON.stringify(
      reason(
        { source: long, operation: { op: 'run', cwd: long }, env: { A: long } },
        { operation: { op: 'run', cwd: 'y' } },
      ),
    );
    expect(text.length).toBeLessThan(10_000);
  });

  test('records that hold nonsense are explained all the same', () => {
    const broken = {
      ...earlier(),
      parts: [{ kind: 'operation', name: 'x', value: '{' }] as const,
      reads: [],
    };
    expect(explain(now(), broken, () => NO_FILES, AROUND).cause.kind).toBe('below');
  });
});

const given = fc.record({
  source: fc.constantFrom('COPY a b', 'COPY a  b', 'COPY c d'),
  operation: fc.constantFrom({ op: 'copy', destination: '/a' }, { op: 'copy', destination: '/b' }),
  files: fc.constantFrom('f', 'g'),
  below: fc.constantFrom([], ['x'], ['x', 'y'], ['z']),
  env: fc.constantFrom({}, { A: '1' }, { A: '2', B: '1' }),
  variables: fc.constantFrom({}, { V: '1' }, { V: '2' }),
  platform: fc.constantFrom('linux/amd64', 'linux/arm64'),
});

test('equal keys have no difference, and different keys always one', () => {
  fc.assert(
    fc.property(given, given, (a, b) => {
      const same = JSON.stringify(partsOf(a)) === JSON.stringify(partsOf(b));
      expect(keyDifferences(now(a), earlier(a))).toEqual([]);
      expect(keyDifferences(now(a), earlier(b)).length === 0).toBe(same);
    }),
  );
});

test('the nearest is an equal one where there is one, else one that differs in no more kinds than another', () => {
  fc.assert(
    fc.property(given, fc.array(given, { minLength: 1, maxLength: 5 }), (a, others) => {
      const candidates = others.map(earlier);
      expect(keyDifferences(now(a), nearest(now(a), [...candidates, earlier(a)])!)).toEqual([]);
      expect(candidates).toContain(nearest(now(a), candidates));
    }),
  );
});
