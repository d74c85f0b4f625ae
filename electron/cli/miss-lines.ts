import { formatCount } from '../../shared/format.ts';
import type { MissCause, MissReason } from '../../shared/miss-reason.ts';
import { causeDetails, causeWords, moreFiles, type PlaceOf } from '../../shared/miss-words.ts';

/** The words name the one file that changed. */
function detailsOf(cause: MissCause): ReturnType<typeof causeDetails> {
  const details = causeDetails(cause);
  return details.length === 1 ? [] : details;
}

/** Why a step ran, as lines: `because src/app.ts changed`, below it the files with `+`, `-` and `~`, then what differs besides. */
export function missLines({ cause, also = [] }: MissReason, placeOf: PlaceOf): readonly string[] {
  return [cause, ...also].flatMap((each, index) => {
    const more = moreFiles(each);
    return [
      `${index === 0 ? 'because' : 'and'} ${causeWords(each, placeOf)}`,
      ...detailsOf(each).map(({ mark, text }) => `  ${mark} ${text}`),
      ...(more > 0 ? [`  and ${formatCount(more, 'more file', 'more files')}`] : []),
    ];
  });
}
