/** The running talk, kept over a reload: the server holds it for the grace period. */

import type { JobStart } from '@visavis/protocol'

const KEY = 'visavis.talk'
/** Milliseconds; a little less than the server's default grace period. */
const GOOD_FOR = 25_000

export interface Kept {
  job: JobStart
  language: string
}

export function keep(talk: Kept): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...talk, at: Date.now() }))
}

export function forget(): void {
  sessionStorage.removeItem(KEY)
}

/** The talk that a reload cut off, if it may still be there. Read once. */
export function kept(): Kept | null {
  const text = sessionStorage.getItem(KEY)
  forget()
  if (!text) return null
  const { at, ...talk } = JSON.parse(text) as Kept & { at: number }
  return Date.now() - at < GOOD_FOR ? talk : null
}
