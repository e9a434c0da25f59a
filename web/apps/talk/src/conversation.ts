/** The conversation beside the picture: who said what, as far as it was heard. */

import type { Ready, ReplyFinished, SemanticRecognized, SpeechRecognized, Subtitle } from '@visavis/protocol'
import { element } from './elements.ts'
import { texts } from './texts.ts'

export class Conversation {
  readonly #list: HTMLElement
  readonly #questions = new Map<string, HTMLElement>()
  readonly #answers = new Map<string, HTMLElement>()
  /** Replies by number -> the bubble they speak. */
  readonly #replies = new Map<number, HTMLElement>()
  /** Answers that no reply speaks yet, oldest first. */
  #unspoken: HTMLElement[] = []
  /** Bubbles made from subtitles alone (welcome words), by the sentences they show. */
  readonly #sentences = new Map<HTMLElement, string[]>()
  #pending: HTMLElement | null = null
  #language = ''

  constructor(list: HTMLElement) {
    this.#list = list
    new ResizeObserver(() => this.#follow()).observe(list) // the sheet opens, a hint comes
  }

  clear(language: string): void {
    this.#language = language
    this.#list.replaceChildren()
    this.#pending = null
    this.#unspoken = []
    for (const map of [this.#questions, this.#answers, this.#replies, this.#sentences]) map.clear()
  }

  /** A visitor who came back: what was said so far, as the server knows it. */
  restore(ready: Ready): void {
    this.clear(this.#language)
    for (const [speaker, text] of ready.history) this.#bubble(speaker, text)
  }

  /** A typed question, shown before the server repeats it. */
  asked(text: string): void {
    this.#pending = this.#bubble('user', text)
  }

  question(event: SpeechRecognized): void {
    let bubble = this.#questions.get(event.chat_id)
    if (!bubble) {
      const pending = this.#pending?.dataset['text'] === event.text ? this.#pending : null
      bubble = pending ?? this.#bubble('user', event.text)
      if (pending) this.#pending = null
      this.#questions.set(event.chat_id, bubble)
    }
    bubble.classList.toggle('partial', !event.is_last)
    bubble.textContent = event.text
    // a noise that turned out to be no words
    if (event.is_last && !event.text.trim()) bubble.remove()
    this.#follow()
  }

  answer(event: SemanticRecognized): void {
    let bubble = this.#answers.get(event.chat_id)
    if (!bubble) {
      if (!event.text && event.is_last) return
      this.#pending = null // answered: a server need not repeat what was typed
      bubble = this.#bubble('assistant', '')
      this.#answers.set(event.chat_id, bubble)
      this.#unspoken.push(bubble)
    }
    bubble.append(event.text)
    this.#follow()
  }

  subtitle(event: Subtitle): void {
    let bubble = this.#replies.get(event.reply)
    if (!bubble) {
      bubble = this.#unspoken.shift()
      if (!bubble) {
        bubble = this.#bubble('assistant', '')
        this.#sentences.set(bubble, [])
      }
      this.#replies.set(event.reply, bubble)
    }
    const sentences = this.#sentences.get(bubble)
    if (!sentences || sentences[event.sentence] === event.text) return
    sentences[event.sentence] = event.text
    bubble.textContent = sentences.filter(Boolean).join(/^(zh|th)/.test(this.#language) ? '' : ' ')
    this.#follow()
  }

  /** Dims what was not heard. */
  finished(event: ReplyFinished): void {
    const bubble = this.#replies.get(event.reply) ?? (event.interrupted ? this.#unspoken.shift() : undefined)
    if (!bubble || !event.interrupted) return
    const text = bubble.textContent
    const heard = event.heard.trim()
    if (text.startsWith(heard)) {
      bubble.replaceChildren(heard, element('span', 'unheard', text.slice(heard.length)))
    }
    bubble.append(element('span', 'cut', texts.cut))
    this.#follow()
  }

  note(words: string): void {
    this.#list.append(element('div', 'bubble note', words))
    this.#follow()
  }

  #bubble(speaker: 'user' | 'assistant', text: string): HTMLElement {
    const made = element('div', `bubble ${speaker}`, text)
    made.dir = 'auto'
    made.lang = this.#language
    made.dataset['text'] = text
    made.role = 'article'
    made.setAttribute('aria-label', speaker === 'user' ? texts.you : texts.avatar)
    this.#list.append(made)
    this.#follow()
    return made
  }

  #follow(): void {
    this.#list.scrollTop = this.#list.scrollHeight
  }
}
