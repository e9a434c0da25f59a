/** Why the talk is over, in plain words. */

import type { Ending } from '@visavis/player'
import { element, page } from './elements.ts'
import { texts } from './texts.ts'

/** stopped: the visitor pressed Stop, so the verdict NORMAL reads "you ended the talk". */
export function showEnding(ending: Ending, stopped: boolean): void {
  const { title, cure } = adviceOf(ending, stopped)
  const failure = ending.kind === 'error' ? `${ending.error.code} · ${ending.error.message}` : ''
  const code = ending.kind === 'finished' && ending.state === 'FAILED' ? ending.reason : failure
  page.ending.replaceChildren(element('strong', '', title), element('p', '', cure))
  if (code) page.ending.append(element('code', '', code))
  page.ending.dataset['reason'] = ending.kind === 'finished' ? ending.reason : ending.kind
  page.ending.hidden = false
}

function adviceOf(ending: Ending, stopped: boolean): { title: string; cure: string } {
  if (ending.kind === 'stopped') return texts.ending.stopped
  if (ending.kind === 'error') return texts.ending.lost
  if (ending.state === 'FAILED') return texts.ending.failed
  return ending.reason === 'MUTE_TIMEOUT' ? texts.ending.MUTE_TIMEOUT : texts.ending[stopped ? 'stopped' : 'NORMAL']
}
