/** What a worker job throws once its caller no longer wants the answer. */
export function cancellation(): Error {
  return new DOMException('The operation was aborted.', 'AbortError');
}
