/** Messages of the data channel "events". The twin of `visavis.core.events`; a test compares the two. */

/** Version of the event format. */
export const VERSION = 1

interface Versioned {
  v: typeof VERSION
}

/** The talk can begin. Sent at each join, also when the visitor comes back. */
export interface Ready extends Versioned {
  type: 'ready'
  job_id: string
  language: string
  /** False where no recogniser understands the language; then `why` says so and the visitor types. */
  listening: boolean
  why: string
  /** What was said so far, for a visitor who comes back. */
  history: [speaker: 'user' | 'assistant', text: string][]
}

export type Mood = 'idle' | 'listening' | 'thinking' | 'speaking'

export interface State extends Versioned {
  type: 'state'
  state: Mood
}

export interface SpeechStarted extends Versioned {
  type: 'speech_started'
}

/** The visitor's words; each notice replaces the former one of the same chat. */
export interface SpeechRecognized extends Versioned {
  type: 'speech_recognized'
  chat_id: string
  text: string
  is_last: boolean
}

/** The answer; each notice is an increment to append. Same chat_id as the question. */
export interface SemanticRecognized extends Versioned {
  type: 'semantic_recognized'
  chat_id: string
  text: string
  is_last: boolean
}

/** The sentence now heard; sent again at each word with `spoken` moved on. */
export interface Subtitle extends Versioned {
  type: 'subtitle'
  reply: number
  /** Counts from 0 in the reply. */
  sentence: number
  text: string
  /** Characters (code points) of `text` heard or being heard. */
  spoken: number
}

export interface ReplyFinished extends Versioned {
  type: 'reply_finished'
  reply: number
  /** The text as far as it was heard. */
  heard: string
  interrupted: boolean
}

/** Times of one turn, in milliseconds after the end of the question. */
export interface Timing extends Versioned {
  type: 'timing'
  chat_id: string
  final_text: number | null
  first_token: number | null
  first_sound: number | null
  first_moment: number | null
}

/** A reply or a piece of it failed; the talk goes on unless `fatal`. */
export interface Failure extends Versioned {
  type: 'error'
  code: string
  message: string
  fatal: boolean
}

export interface JobFinished extends Versioned {
  type: 'job_finished'
  state: 'SUCCEED' | 'FAILED'
  /** NORMAL, MUTE_TIMEOUT, or the error code. */
  reason: string
}

export type ServerEvent =
  | Ready
  | State
  | SpeechStarted
  | SpeechRecognized
  | SemanticRecognized
  | Subtitle
  | ReplyFinished
  | Timing
  | Failure
  | JobFinished

/** A typed question, or one that the browser's own recogniser heard. At most 4096 characters. */
export interface Ask {
  type: 'ask'
  text: string
}

export interface Interrupt {
  type: 'interrupt'
}

/** The visitor ends the talk. */
export interface Stop {
  type: 'stop'
}

/** The visitor muted or opened the microphone. */
export interface Microphone {
  type: 'microphone'
  open: boolean
}

export type ClientMessage = Ask | Interrupt | Stop | Microphone

export const ASK_LIMIT = 4096

const TYPES: Record<ServerEvent['type'], true> = {
  ready: true,
  state: true,
  speech_started: true,
  speech_recognized: true,
  semantic_recognized: true,
  subtitle: true,
  reply_finished: true,
  timing: true,
  error: true,
  job_finished: true,
}

/** Read one message of the channel. null: not an event this version knows (a newer server may send more). */
export function parseEvent(text: string): ServerEvent | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return null
  const { type } = value
  return typeof type === 'string' && Object.hasOwn(TYPES, type) ? (value as ServerEvent) : null
}
