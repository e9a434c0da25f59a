/** Subtitles over the picture: the sentence now heard, at most two lines, the heard words lit. */

import type { Subtitle } from '@visavis/protocol'
import type { Rect } from './picture.ts'
import { wordEnd } from './words.ts'

const LINES = 2
const LINE_HEIGHT = 1.36
/** Milliseconds a finished sentence stays. */
const LINGER = 1400

/**
 * Lines, bidirectional order and shaping are the browser's own (it knows Thai and Chinese line breaks and Arabic
 * joining); this class only marks how far she is and scrolls a long sentence by lines.
 */
export class Subtitles {
  readonly #box: HTMLElement
  readonly #text = document.createElement('p')
  readonly #heard = document.createElement('span')
  readonly #rest = document.createElement('span')
  #language = 'en'
  #fontSize = 20
  #fading: ReturnType<typeof setTimeout> | undefined

  constructor(box: HTMLElement) {
    this.#box = box
    this.#text.dir = 'auto'
    this.#heard.className = 'heard'
    this.#text.append(this.#heard, this.#rest)
    box.append(this.#text)
    box.hidden = true
  }

  /** BCP 47 tag: chooses glyphs (Han), line breaks (Thai) and words. */
  set language(tag: string) {
    this.#language = tag
    this.#text.lang = tag
  }

  /** Where the box stands, and how large its letters are: two lines fill it, about eighteen letters cross it. */
  place(area: Rect): void {
    this.#fontSize = Math.round(Math.max(16, Math.min(40, area.height / (LINES * LINE_HEIGHT), area.width / 18)))
    const height = Math.ceil(this.#fontSize * LINE_HEIGHT * LINES)
    Object.assign(this.#box.style, {
      left: `${area.left}px`,
      width: `${area.width}px`,
      // a box too low for two lines grows upwards: what is below may be the frame's edge
      top: `${area.top + Math.min(0, area.height - height)}px`,
      height: `${Math.max(area.height, height)}px`,
      fontSize: `${this.#fontSize}px`,
      lineHeight: String(LINE_HEIGHT),
    })
    this.#box.style.setProperty('--window', `${height}px`)
    this.#scroll()
  }

  show(subtitle: Subtitle): void {
    clearTimeout(this.#fading)
    const end = wordEnd(subtitle.text, subtitle.spoken, this.#language)
    const fresh = `${subtitle.reply}.${subtitle.sentence}`
    const changed = this.#box.dataset['sentence'] !== fresh
    this.#box.dataset['sentence'] = fresh
    this.#heard.textContent = subtitle.text.slice(0, end)
    this.#rest.textContent = subtitle.text.slice(end)
    this.#box.hidden = false
    this.#box.classList.remove('fading')
    this.#text.classList.toggle('still', changed) // a new sentence starts at its top, it does not roll there
    this.#scroll()
  }

  /** The reply is over: what was heard stays a moment. */
  finish(): void {
    clearTimeout(this.#fading)
    this.#fading = setTimeout(() => {
      this.#box.classList.add('fading')
      this.#fading = setTimeout(() => this.clear(), 300)
    }, LINGER)
  }

  clear(): void {
    clearTimeout(this.#fading)
    this.#box.hidden = true
    this.#heard.textContent = this.#rest.textContent = ''
    delete this.#box.dataset['sentence']
  }

  /** The line being heard is the upper one, until the last two lines are reached. */
  #scroll(): void {
    if (this.#box.hidden) return
    const lineHeight = this.#fontSize * LINE_HEIGHT
    const lines = Math.round(this.#text.scrollHeight / lineHeight)
    const first = Math.max(0, Math.min(this.#lineHeard(lineHeight), lines - LINES))
    this.#text.style.setProperty('--scroll', `${-first * lineHeight}px`)
  }

  #lineHeard(lineHeight: number): number {
    const top = this.#text.getBoundingClientRect().top
    // both are moved by the same scroll, so the distance is the place in the text
    const tops = [...this.#heard.getClientRects()].map((rect) => rect.top - top)
    return Math.max(0, Math.round(Math.max(0, ...tops) / lineHeight - 0.2))
  }
}
