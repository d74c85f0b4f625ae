import type { Check } from '../../shared/contract.ts';
import { formatCount } from '../../shared/format.ts';

export const CHECK_STATE_WORDS: Readonly<Record<Check['state'], string>> = {
  ok: 'works',
  limited: 'limited',
  missing: 'missing',
};

export function missingChecks(checks: readonly Check[]): readonly Check[] {
  return checks.filter((check) => check.state === 'missing');
}

/** What the checks come to, in one sentence. */
export function checkSummary(checks: readonly Check[]): string {
  const missing = missingChecks(checks).length;
  const limited = checks.filter((check) => check.state === 'limited').length;
  if (missing > 0)
    return `${formatCount(missing, 'thing')} that RUN needs ${missing === 1 ? 'is' : 'are'} missing.`;
  if (limited > 0) return `RUN works here, with ${formatCount(limited, 'limit')}.`;
  return 'Everything that RUN needs is here.';
}

/** Names a set of missing things, so that a hint about it is not shown again once it has been put away. */
export function missingKey(checks: readonly Check[]): string {
  return missingChecks(checks)
    .map((check) => check.id)
    .sort()
    .join(' ');
}
