const MAX_LENGTH = 80;

/** Text from a Dockerfile as a message may show it: cut where it is long. */
export function clip(text: string): string {
  const characters = Array.from(text.slice(0, 2 * MAX_LENGTH + 2));
  return characters.length <= MAX_LENGTH ? text : `${characters.slice(0, MAX_LENGTH - 1).join('')}…`;
}

/** As {@link clip}, in double quotes, with what cannot be seen written as escapes. */
export function quote(text: string): string {
  return JSON.stringify(clip(text));
}
