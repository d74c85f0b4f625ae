/** A place in a text file. Lines and columns count from 1; columns are UTF-16 units; the end is inclusive of its line, exclusive of its column. */
export interface SourceRange {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}
