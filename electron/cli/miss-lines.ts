import { formatCount } from '../../shared/format.ts';
import type { MissReason } from '../../shared/miss-reason.ts';
import { causeDetails, causeWords, moreFiles, type PlaceOf } from '../../shared/miss-words.ts';

/** Why a step ran, as lines: `because src/app.ts changed`, below it the files with `+`, `-` and `~`, then what differs besides. */
export function missLines({ cause, also = [] }: MissReason, placeOf: PlaceOf): readonly string[] {
  return [cause, ...also].flatMap((each, index) => {
    const more = moreFiles(each);
    return [
      `${index === 0 ? 'because' : 'and'} ${causeWords(each, placeOf)}`,
      ...causeDetails(each).map(({ mark, text }) => `  ${mark} ${text}`),
      ...(more > 0 ? [`  and ${formatCount(more, 'more file', 'more files')}`] : []),
    ];
  });
}
