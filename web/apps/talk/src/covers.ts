/** What lies over or slides under the picture: the waiting notice, and the phone's sheet. */

import { page } from './elements.ts'
import { label, texts } from './texts.ts'

/** Empty words: nothing to wait for. */
export function veil(words: string): void {
  page.veil.hidden = !words
  const paragraph = page.veil.querySelector('p')
  if (paragraph) paragraph.textContent = words
}

/** The phone's sheet. */
export function expand(open: boolean): void {
  page.panel.classList.toggle('expanded', open)
  page.handle.setAttribute('aria-expanded', String(open))
  label(page.handle, open ? texts.less : texts.more)
  if (open) page.conversation.scrollTop = page.conversation.scrollHeight
}
