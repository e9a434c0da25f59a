/** The browser's own speech recognition, for languages that the server does not hear. */

interface Recognition extends EventTarget {
  lang: string
  interimResults: boolean
  continuous: boolean
  start(): void
  stop(): void
  abort(): void
}

interface RecognitionResultEvent extends Event {
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>
}

type RecognitionClass = new () => Recognition

function recognitionClass(): RecognitionClass | null {
  const scope = window as unknown as Record<string, RecognitionClass | undefined>
  return scope['SpeechRecognition'] ?? scope['webkitSpeechRecognition'] ?? null
}

export interface Dictation {
  stop(): void
}

export const canDictate = (): boolean => recognitionClass() !== null

/** Listen for one utterance. `heard` gets the words as they grow; `over` comes once, with an error's name or "". */
export function dictate(
  language: string,
  heard: (text: string, final: boolean) => void,
  over: (error: string) => void,
): Dictation | null {
  const Class = recognitionClass()
  if (!Class) return null
  const recognition = new Class()
  let failure = ''
  recognition.lang = language
  recognition.interimResults = true
  recognition.continuous = false
  recognition.addEventListener('result', (event) => {
    const results = Array.from((event as RecognitionResultEvent).results)
    const text = results.map((result) => result[0]?.transcript ?? '').join('')
    heard(text, results.every((result) => result.isFinal))
  })
  recognition.addEventListener('error', (event) => (failure = (event as Event & { error?: string }).error ?? 'unknown'))
  recognition.addEventListener('end', () => over(failure))
  recognition.start()
  return { stop: () => recognition.stop() }
}
