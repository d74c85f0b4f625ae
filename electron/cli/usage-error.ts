import type { CommanderError } from 'commander';
import { EngineError } from '../engine/base/errors.ts';

/**
 * What commander found wrong with a command line, in this program's form: FLAG_UNKNOWN, FLAG_INVALID, COMMAND_UNKNOWN or
 * ARGUMENTS, one sentence each. `command` names the command whose help tells more.
 */
export function usageError(error: CommanderError, command: string | undefined): EngineError {
  const [said = '', suggestion] = error.message.replace(/^error: /, '').split(/\n(?=\(Did you mean )/);
  const make = (code: string, message: string, hint?: string): EngineError =>
    new EngineError(code, message, {
      hint:
        hint ??
        suggestion?.replace(/^\((.*)\)$/s, '$1') ??
        `See "slipway ${command === undefined ? '' : `${command} `}--help".`,
    });
  const subject = /'(.*)'/s.exec(said)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption':
      return make('FLAG_UNKNOWN', `Option "${clipped(subject)}" is not known.`);
    case 'commander.unknownCommand':
      return make('COMMAND_UNKNOWN', `Command "${clipped(subject)}" is not known.`);
    case 'commander.missingArgument':
      return make('ARGUMENTS', `The argument <${subject}> is missing.`);
    case 'commander.excessArguments':
      return make('ARGUMENTS', 'There are more arguments than the command takes.');
    case 'commander.optionMissingArgument':
      return make('FLAG_INVALID', `Option ${subject} needs a value.`);
    case 'commander.missingMandatoryOptionValue':
      return make('FLAG_INVALID', `Option ${subject} is needed.`);
    case 'commander.invalidArgument': {
      const [, flag = '', value = '', choices] =
        /^option '(.*?)' argument '(.*)' is invalid\. (.*)$/s.exec(said) ?? [];
      return make('FLAG_INVALID', `Option ${flag} does not take "${clipped(value)}".`, choices);
    }
    default:
      return make('ARGUMENTS', 'The command line cannot be understood.');
  }
}

const LONGEST = 80;

function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
