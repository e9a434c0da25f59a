/** Word ends, so that a highlight never parts an Arabic word, a Thai cluster or an emoji. */

const segmenters = new Map<string, Intl.Segmenter>()

function segmenter(language: string): Intl.Segmenter | null {
  if (typeof Intl.Segmenter !== 'function') return null // Firefox before 125
  let made = segmenters.get(language)
  if (!made) segmenters.set(language, (made = new Intl.Segmenter(language, { granularity: 'word' })))
  return made
}

/** UTF-16 index of a count of code points (the server counts code points). */
export function indexOf(text: string, codePoints: number): number {
  let index = 0
  for (const character of text) {
    if (codePoints-- <= 0) break
    index += character.length
  }
  return index
}

/** Where the word ends that is being heard when `spoken` code points are; UTF-16 index into `text`. */
export function wordEnd(text: string, spoken: number, language: string): number {
  const at = indexOf(text, spoken)
  if (at <= 0) return 0
  if (at >= text.length) return text.length
  const words = segmenter(language)
  if (!words) {
    const rest = /^[^\s]*/.exec(text.slice(at))
    return at + (rest?.[0].length ?? 0)
  }
  const word = words.segment(text).containing(at - 1)
  return word ? word.index + word.segment.length : at
}
