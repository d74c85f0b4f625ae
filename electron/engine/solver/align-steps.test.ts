import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alignSteps, type AlignedStep } from './align-steps.ts';

const steps = (...texts: readonly string[]): readonly AlignedStep[] =>
  texts.map((text) => {
    const [stage = '', source = ''] = text.split(': ');
    return { stage, source };
  });

/** `now <- earlier` for each step; `-` where it is new. */
function pairs(now: readonly AlignedStep[], earlier: readonly AlignedStep[]): readonly string[] {
  return alignSteps(now, earlier).map((at) => (at === undefined ? '-' : earlier[at]!.source));
}

describe('alignSteps', () => {
  const old = steps('0: COPY a /a', '0: RUN make', '0: COPY c /c');

  test('one put in above moves nobody', () => {
    const now = steps('0: COPY a /a', '0: COPY b /b', '0: RUN make', '0: COPY c /c');
    expect(pairs(now, old)).toEqual(['COPY a /a', '-', 'RUN make', 'COPY c /c']);
  });

  test('of two in the place of one, the one that is alike is it', () => {
    const now = steps('0: COPY a /a', '0: ENTRY x y z', '0: RUN make all', '0: COPY c /c');
    expect(pairs(now, old)).toEqual(['COPY a /a', '-', 'RUN make', 'COPY c /c']);
  });

  test('one that changed entirely is still in its place', () => {
    expect(pairs(steps('0: COPY a /a', '0: ADD x /y', '0: COPY c /c'), old)[1]).toBe('RUN make');
  });

  test('one that moved is found by its text', () => {
    const now = steps('0: RUN make', '0: COPY c /c', '0: COPY a /a');
    expect(pairs(now, old)).toEqual(['RUN make', 'COPY c /c', 'COPY a /a']);
  });

  test('a stage without a name is known by its instructions', () => {
    const now = steps('0: WORKDIR /new', '1: COPY a /a', '1: RUN make', '1: COPY c /c');
    expect(pairs(now, old)).toEqual(['-', 'COPY a /a', 'RUN make', 'COPY c /c']);
  });

  test('a stage that got another name too', () => {
    expect(pairs(steps('new: COPY a /a', 'new: RUN make'), steps('old: COPY a /a', 'old: RUN make'))).toEqual(
      ['COPY a /a', 'RUN make'],
    );
  });

  test('no two steps are the same earlier one, and a build is aligned with itself', () => {
    const step = fc.record({
      stage: fc.constantFrom('0', '1', 'build'),
      source: fc.constantFrom('COPY a /a', 'COPY b /b', 'RUN make', 'WORKDIR /w', 'ADD x y'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.array(step, { maxLength: 8 }), (now, earlier) => {
        const found = alignSteps(now, earlier).filter((at) => at !== undefined);
        expect(new Set(found).size).toBe(found.length);
        for (const [at, index] of alignSteps(now, now).entries()) {
          expect(now[index!]!.source).toBe(now[at]!.source);
        }
      }),
    );
  });
});
