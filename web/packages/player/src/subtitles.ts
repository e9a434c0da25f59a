/** Subtitles over the picture: the sentence now heard, at most two lines, the heard words lit. */

import type { Subtitle } from '@visavis/protocol'
import type { Rect } from './picture.ts'
import { wordEnd } from './words.ts'

const LINES = 2
/** Of the letters' size. Arabic and Thai stack marks above and below. */
const LINE_HEIGHT = { plain: 1.36, stacked: 1.62 }
/** Milliseconds a finished sentence stays. */
const LINGER = 1400

/**
 * Lines, bidirectional order and shaping are the browser's own (it knows Thai and Chinese line breaks and Arabic
 * joining); this class only marks how far she is and scrolls a long sentence by lines.
 */
export class Subtitles {
  readonly #box: HTMLElement
  /** Two lines high, at the box's foot; a longer text rolls through it. */
  readonly #window = document.createElement('div')
  readonly #text = document.createElement('p')
  readonly #heard = document.createElement('span')
  readonly #rest = document.createElement('span')
  #language = 'en'
  #area: Rect = { left: 0, top: 0, width: 0, height: 0 }
  #lineHeight = 24
  #fading: ReturnType<typeof setTimeout> | undefined

  constructor(box: HTMLElement) {
    this.#box = box
    this.#text.dir = 'auto'
    this.#heard.className = 'heard'
    this.#text.append(this.#heard, this.#rest)
    this.#window.append(this.#text)
    box.append(this.#window)
    box.hidden = true
  }

  /** BCP 47 tag: chooses glyphs (Han), line breaks (Thai) and words. */
  set language(tag: string) {
    this.#language = tag
    this.#text.lang = tag
    this.place(this.#area)
  }

  /** Where the box stands, and how large its letters are: two lines fill it, about eighteen letters cross it. */
  place(area: Rect): void {
    this.#area = area
    const leading = /^(ar|th)/.test(this.#language) ? LINE_HEIGHT.stacked : LINE_HEIGHT.plain
    const fontSize = Math.round(Math.max(16, Math.min(40, area.height / (LINES * leading), area.width / 18)))
    this.#lineHeight = Math.ceil(fontSize * leading)
    const height = this.#lineHeight * LINES
    Object.assign(this.#box.style, {
      left: `${area.left}px`,
      width: `${area.width}px`,
      // a box too low for two lines grows upwards: what is below may be the frame's edge
      top: `${area.top + Math.min(0, area.height - height)}px`,
      height: `${Math.max(area.height, height)}px`,
      fontSize: `${fontSize}px`,
      lineHeight: `${this.#lineHeight}px`,
    })
    this.#window.style.height = `${height}px`
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
    const lines = Math.round(this.#text.scrollHeight / this.#lineHeight)
    const first = Math.min(this.#lineHeard(), lines - LINES) // one line alone: -1, it stands below
    this.#text.style.transform = `translateY(${-first * this.#lineHeight}px)`
  }

  #lineHeard(): number {
    const top = this.#text.getBoundingClientRect().top
    // both are moved by the same scroll, so the distance is the place in the text
    const tops = [...this.#heard.getClientRects()].map((rect) => rect.top - top)
    return Math.max(0, Math.round(Math.max(0, ...tops) / this.#lineHeight - 0.2))
  }
}
