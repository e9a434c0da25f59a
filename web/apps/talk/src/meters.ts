/** Live figures of the connection, for whoever wants to know. */

import type { Figures } from '@visavis/player'
import { element, page } from './elements.ts'
import { texts } from './texts.ts'

let answered: number | null = null
let latest: Figures | null = null

export function showFigures(figures: Figures | null): void {
  latest = figures
  if (page.figures.hidden) return
  const { units } = texts
  const rows: [keyof typeof texts.figures, string | null][] = [
    ['fps', value(figures?.fps, units.fps)],
    ['size', figures?.width ? `${figures.width}×${figures.height}` : null],
    ['rtt', value(figures?.rtt, ` ${units.ms}`)],
    ['jitter', value(figures?.audioJitter, ` ${units.ms}`)],
    ['loss', value(figures?.loss, ' %')],
    ['sync', value(figures?.avOffset, ` ${units.ms}`)],
    ['path', figures?.path ? [figures.path, figures.codec].filter(Boolean).join(' ') : null],
    ['answer', value(answered === null ? null : Math.round(answered), ` ${units.ms}`)],
  ]
  page.figures.replaceChildren(
    ...rows.map(([name, shown]) => {
      const row = document.createElement('div')
      row.append(element('dt', '', texts.figures[name]), element('dd', '', shown ?? '–'))
      return row
    }),
  )
}

export function showAnswerTime(milliseconds: number | null): void {
  answered = milliseconds
  showFigures(latest)
}

export function toggleFigures(): void {
  page.figures.hidden = !page.figures.hidden
  page.details.setAttribute('aria-expanded', String(!page.figures.hidden))
  showFigures(latest)
}

function value(figure: number | null | undefined, unit: string): string | null {
  return figure === null || figure === undefined ? null : `${figure}${unit}`
}
