import { EngineError } from '../base/errors.ts';
import { quote } from './messages.ts';
import { suggestion } from './suggest.ts';

const NAMES =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'.split(
    ' ',
  );
const MAX_SIGNAL = 64;
const MAX_ABOVE_RTMIN = 15;
const MAX_BELOW_RTMAX = 14;

/**
 * Checks the expanded text of a STOPSIGNAL: a number from 1 to 64, or a Linux signal's name in any case, with or without
 * SIG, real-time signals as `RTMIN+3` and `RTMAX-3`. Fails with DOCKERFILE_STOPSIGNAL, without a place.
 */
export function checkStopSignal(text: string): void {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_SIGNAL) return;
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (NAMES.includes(name) || isRealTime(name)) return;
  const hint = suggestion(name, NAMES, 'SIG') ?? 'Write for example SIGTERM or 15.';
  throw new EngineError('DOCKERFILE_STOPSIGNAL', `There is no signal ${quote(text)}.`, { hint });
}

function isRealTime(name: string): boolean {
  const match = /^(?:RTMIN\+|RTMAX-)(\d{1,2})$/.exec(name);
  const distance = Number(match?.[1]);
  return distance >= 1 && distance <= (name.startsWith('RTMIN') ? MAX_ABOVE_RTMIN : MAX_BELOW_RTMAX);
}
