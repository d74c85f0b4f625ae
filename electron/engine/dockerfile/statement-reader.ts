import { readHeredocs } from './heredoc.ts';
import type { LogicalLine } from './lines.ts';
import type { LineReader } from './source-text.ts';
import { splitStatement } from './statement.ts';
import type { Statement } from './statement.ts';

/** Takes a logical line apart and reads its heredocs from the lines after it. Fails as the two parts do. */
export function readStatement(reader: LineReader, line: LogicalLine, escape: '\\' | '`'): Statement {
  const statement = splitStatement({
    file: reader.file,
    escape,
    common: { range: line.range, source: line.text, comments: line.comments },
    locate: line.locate,
  });
  return readHeredocs(statement, reader);
}
