/** The page: what happens between pressing Start and the end of the talk. */

import {
  asPlayerError,
  type Ending,
  findingOf,
  type MicrophoneState,
  openRoom,
  Player,
  PlayerError,
  startJob,
  Subtitles,
} from '@visavis/player'
import type { JobStart, Mood, OpenRoom, ServerEvent } from '@visavis/protocol'
import { preflight, showFinding } from './checks.ts'
import { Conversation } from './conversation.ts'
import { canDictate, type Dictation, dictate } from './dictation.ts'
import { element, page, toast } from './elements.ts'
import { showEnding } from './ending.ts'
import { expand, veil } from './covers.ts'
import { forget, keep, kept } from './keep.ts'
import { watchLevel } from './level.ts'
import { showAnswerTime, showFigures, toggleFigures } from './meters.ts'
import { Stage } from './stage.ts'
import { label, texts, translate } from './texts.ts'

type Phase = 'intro' | 'connecting' | 'talking' | 'ended'

const parameters = new URLSearchParams(location.search)
const player = new Player(page.video)
const subtitles = new Subtitles(page.subtitle)
const stage = new Stage(subtitles)
const conversation = new Conversation(page.conversation)
const events: ServerEvent[] = []

let phase: Phase = 'intro'
let mood: Mood = 'idle'
let room: OpenRoom | null = null
let job: JobStart | null = null
let listening = true
let dictation: Dictation | null = null

declare global {
  interface Window {
    /** For end-to-end tests and the curious. */
    visavis: { player: Player; events: ServerEvent[]; job: JobStart | null }
  }
}
window.visavis = { player, events, get job() { return job } }

// ---- before the talk -------------------------------------------------------------------------------------------

/** Every check passed when last looked. */
let clear = false

async function look(): Promise<boolean> {
  page.start.disabled = true
  const found = await preflight(page.language.value)
  clear = found.clear
  room = found.room ?? room
  if (found.room) furnish(found.room)
  page.start.disabled = false
  setStartWords(clear ? 'start' : 'tryAgain')
  document.body.classList.toggle('troubled', !clear)
  return clear
}

function furnish(found: OpenRoom): void {
  suggested = page.language.value || found.default_language
  page.roomName.textContent = found.room_name || 'Visavis'
  document.title = found.room_name ? `${found.room_name} · Visavis` : 'Visavis'
  const wanted = page.language.value || parameters.get('language') || preferred(found)
  page.language.replaceChildren(
    ...found.languages.map(({ code, name }) => {
      const option = element('option', '', name) as HTMLOptionElement
      option.value = code
      return option
    }),
  )
  page.language.value = found.languages.some(({ code }) => code === wanted) ? wanted : found.default_language
  stage.configure(found.video_config, found.chat_subtitle_config)
  if (!page.cover.src) {
    page.cover.hidden = false
    page.cover.src = found.cover_url ?? 'cover.webp' // Sara's own picture comes with the page
  }
  void suggest(found)
}

/** The visitor's own language where the room has it. */
function preferred(found: OpenRoom): string {
  const own = navigator.language.split('-')[0]
  return found.languages.find(({ tag }) => tag.split('-')[0] === own)?.code ?? found.default_language
}

/** BCP 47 tag of the language in the menu. */
function tagOf(code: string): string {
  return room?.languages.find((language) => language.code === code)?.tag ?? code
}

/** The room's questions as chips; asked for again where they came in another language. */
async function suggest(found: OpenRoom | null = null): Promise<void> {
  const language = page.language.value
  if (language !== suggested) {
    const asked = await openRoom(language).catch(() => null) // no suggestions then
    if (page.language.value !== language) return // another choice overtook it
    suggested = language
    found = asked
  }
  if (!found) return
  page.chips.replaceChildren(
    ...found.hot_questions.map((question) => {
      const chip = element('button', '', question) as HTMLButtonElement
      chip.type = 'button'
      chip.dir = 'auto'
      chip.addEventListener('click', () => (phase === 'talking' ? ask(question) : void begin(question)))
      return chip
    }),
  )
}

/** The language of the questions on the page. */
let suggested = ''

function setStartWords(key: 'start' | 'starting' | 'goOn' | 'again' | 'tryAgain'): void {
  page.start.textContent = texts[key]
}

// ---- the talk --------------------------------------------------------------------------------------------------

/** Start a talk; `question` is asked as soon as it stands. */
async function begin(question = ''): Promise<void> {
  if (phase === 'connecting' || phase === 'talking') return
  if (!clear && !(await look())) return // a check that passed is not repeated: the start itself is refused with a cause
  const language = page.language.value
  setPhase('connecting')
  veil(texts.askingMicrophone)
  try {
    // before the task: nobody holds a place while a visitor reads a prompt
    await Promise.race([player.prepareMicrophone(), goOnByTyping()])
    page.start.disabled = true
    setStartWords('starting')
    veil(texts.connecting)
    const started = await startJob(language)
    await join(started, language, false)
    if (question) ask(question)
  } catch (cause) {
    failed(asPlayerError(cause))
  }
}

/** Pressing Start once more, for a visitor who leaves the permission prompt unanswered. */
function goOnByTyping(): Promise<void> {
  page.start.disabled = false
  setStartWords('goOn')
  return new Promise((resolve) => page.start.addEventListener('click', () => resolve(), { once: true }))
}

async function join(started: JobStart, language: string, microphone: boolean): Promise<void> {
  job = started
  events.length = 0
  listening = true
  const tag = tagOf(language)
  subtitles.language = tag
  conversation.clear(tag)
  showAnswerTime(null)
  stage.configure(started.video_config ?? room?.video_config, started.chat_subtitle_config ?? room?.chat_subtitle_config)
  await player.start(started, { microphone })
}

/** A talk that never began: back to the checks, with the cause named. */
function failed(error: PlayerError): void {
  clear = false
  forget()
  player.releaseMicrophone()
  veil('')
  setPhase('intro')
  showFinding(findingOf(error))
  document.body.classList.add('troubled')
  setStartWords('tryAgain')
  page.start.focus()
}

function ended(ending: Ending): void {
  if (phase !== 'talking') return // `failed` tells
  forget()
  showEnding(ending, asked)
  page.preflight.replaceChildren()
  subtitles.clear()
  veil('')
  dictation?.stop()
  setStartWords('again')
  setMood('idle')
  setPhase('ended')
  page.start.focus()
}

/** The visitor pressed Stop: the verdict NORMAL then reads "you ended the talk". */
let asked = false

async function stop(): Promise<void> {
  asked = true
  page.stop.disabled = true
  await player.stop()
}

function ask(question: string): void {
  const text = question.trim()
  if (!text) return
  if (player.sendTextQuestion(text)) conversation.asked(text)
  else toast(texts.notSent)
}

function take(event: ServerEvent): void {
  events.push(event)
  if (events.length > 2000) events.splice(0, 1000)
  switch (event.type) {
    case 'ready':
      listening = event.listening
      if (event.history.length) conversation.restore(event)
      if (!listening && event.why) conversation.note(event.why)
      showMicrophone()
      break
    case 'state':
      setMood(event.state)
      break
    case 'speech_recognized':
      conversation.question(event)
      break
    case 'semantic_recognized':
      conversation.answer(event)
      break
    case 'subtitle':
      subtitles.show(event)
      conversation.subtitle(event)
      break
    case 'reply_finished':
      if (event.interrupted) subtitles.clear()
      else subtitles.finish()
      conversation.finished(event)
      break
    case 'timing':
      showAnswerTime(event.first_moment ?? event.first_sound)
      break
    case 'error':
      toast(event.message, event.code)
      break
    case 'speech_started':
    case 'job_finished':
      break
  }
}

// ---- what the visitor sees -------------------------------------------------------------------------------------

function setPhase(next: Phase): void {
  phase = next
  document.body.dataset['phase'] = next
  page.language.disabled = next === 'connecting' || next === 'talking'
  page.start.disabled = next === 'connecting'
  page.state.hidden = next !== 'talking'
  if (next !== 'ended') page.ending.hidden = true
  if (next !== 'talking') page.toasts.replaceChildren()
  if (next === 'connecting') setStartWords('starting')
  if (next === 'talking') {
    asked = false
    page.stop.disabled = false
    // not on a phone: its keyboard would cover her
    if (window.matchMedia('(hover: hover)').matches) page.text.focus({ preventScroll: true })
  } else {
    expand(false)
    showFigures(null)
    page.hint.hidden = true
    page.unmute.hidden = true
  }
}

function setMood(next: Mood): void {
  mood = next
  document.body.dataset['mood'] = next
  page.interrupt.disabled = next !== 'speaking' && next !== 'thinking'
  showState()
}

function showState(): void {
  const words = page.state.querySelector('span')
  const deaf = mood === 'idle' || mood === 'listening' ? deafness() : ''
  if (words) words.textContent = deaf || texts.mood[mood]
  page.state.dataset['state'] = mood
}

/** She can't hear the visitor, so "listening" would be a lie. */
function deafness(): string {
  if (!listening) return texts.moodUnheard
  if (player.microphone === 'on') return ''
  return player.microphone === 'muted' || player.microphone === 'off' ? texts.moodMuted : texts.moodUnheard
}

function showMicrophone(): void {
  const state: MicrophoneState = listening ? player.microphone : 'unheard'
  page.mic.dataset['state'] = state
  page.mic.classList.toggle('dictating', dictation !== null)
  page.mic.setAttribute('aria-pressed', String(state === 'on' || dictation !== null))
  label(page.mic, dictation ? texts.dictating : texts.microphone[state])
  const open = state === 'on' || dictation !== null
  page.mic.querySelector('use')?.setAttribute('href', open || state === 'unheard' ? '#i-mic' : '#i-mic-off')
  page.text.placeholder = dictation ? texts.dictating : state === 'on' ? texts.typeOrSpeak : texts.typeHere
  const hint = state === 'unheard' ? (canDictate() ? texts.dictationOffer : texts.dictationNone) : (texts.hint[state] ?? '')
  page.hint.textContent = hint
  page.hint.hidden = phase !== 'talking' || !hint || dictation !== null
  watchLevel(phase === 'talking' && state === 'on' ? player.microphoneTrack : null)
  showState()
}

async function pressMicrophone(): Promise<void> {
  if (!listening) return toggleDictation()
  if (player.microphone === 'on') player.stopUserSpeak()
  else await player.startUserSpeak()
  showMicrophone()
}

function toggleDictation(): void {
  if (dictation) return dictation.stop()
  if (mood === 'speaking') player.interruptSpeaking() // the recogniser would hear her
  dictation = dictate(
    tagOf(page.language.value),
    (text, final) => {
      page.text.value = text
      if (final) send()
    },
    (error) => {
      dictation = null
      showMicrophone()
      if (error && error !== 'aborted' && error !== 'no-speech') toast(texts.dictationFailed, error)
    },
  )
  if (!dictation) toast(texts.dictationNone)
  showMicrophone()
}

function send(): void {
  ask(page.text.value)
  page.text.value = ''
}

// ---- wiring ----------------------------------------------------------------------------------------------------

translate(document)
subtitles.language = 'en'

player.on('event', take)
player.on('ended', ended)
player.on('figures', showFigures)
player.on('microphone', showMicrophone)
player.on('autoplayBlocked', (blocked) => (page.unmute.hidden = !blocked))
player.on('state', (state) => {
  if (state === 'connected') {
    veil('')
    if (phase === 'talking') toast(texts.cameBack, '', false)
    else setPhase('talking')
    if (job) keep({ job, language: page.language.value })
    showMicrophone()
  } else if (state === 'reconnecting') {
    subtitles.clear()
    veil(texts.reconnecting)
  }
})

page.start.addEventListener('click', () => void begin())
page.stop.addEventListener('click', () => void stop())
page.mic.addEventListener('click', () => void pressMicrophone())
page.interrupt.addEventListener('click', () => player.interruptSpeaking())
page.unmute.addEventListener('click', () => void player.playRemoteVideo())
page.details.addEventListener('click', toggleFigures)
page.handle.addEventListener('click', () => expand(!page.panel.classList.contains('expanded')))
page.language.addEventListener('change', () => void suggest())
page.ask.addEventListener('submit', (event) => {
  event.preventDefault()
  send()
})
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && phase === 'talking') player.interruptSpeaking()
})
window.addEventListener('pagehide', () => {
  if (phase === 'talking' && job) keep({ job, language: page.language.value })
})

async function arrive(): Promise<void> {
  await look()
  const former = kept()
  if (former && clear) {
    page.language.value = former.language
    void suggest()
    setPhase('connecting')
    veil(texts.reconnecting)
    await join(former.job, former.language, true).catch((cause: unknown) => {
      const error = asPlayerError(cause)
      failed(error)
      if (error.status === 404) void look() // over meanwhile: no news to a visitor who comes back late
    })
  } else if (parameters.get('autostart') === '1') await begin()
}

void arrive()
