/**
 * Turns a process's output, piece by piece as it comes, into text: a character cut in two by a piece's end comes whole with the next
 * piece, bytes that are no UTF-8 come as U+FFFD. Nothing is kept but a character's beginning.
 */
export function createOutputText(emit: (text: string) => void): {
  push(data: Buffer): void;
  end(): void;
} {
  const decoder = new TextDecoder();
  const send = (text: string): void => {
    if (text !== '') emit(text);
  };
  return {
    push: (data) => send(decoder.decode(data, { stream: true })),
    end: () => send(decoder.decode()),
  };
}
