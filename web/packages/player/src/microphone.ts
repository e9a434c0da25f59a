/** The visitor's microphone: one track, and why there is none. */

export type MicrophoneState =
  /** Open: what the visitor says is sent. */
  | 'on'
  | 'muted'
  /** Not asked for yet, or given back. */
  | 'off'
  /** The visitor or a policy said no. */
  | 'denied'
  /** No device. */
  | 'missing'
  /** Another program holds it. */
  | 'busy'
  /** Page not over HTTPS. */
  | 'insecure'
  /** The server can't understand this language; the device is released. */
  | 'unheard'

const WANTED: MediaStreamConstraints = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
}

/** What a getUserMedia failure (a DOMException's name) means. */
export function refusalOf(name: string): MicrophoneState {
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing'
  return 'busy' // NotReadableError, AbortError: there, but it gives nothing
}

export class Microphone {
  state: MicrophoneState = 'off'
  track: MediaStreamTrack | null = null
  /** Counts releases: a prompt that is answered after one is too late. */
  #released = 0
  readonly #changed: (state: MicrophoneState) => void

  constructor(changed: (state: MicrophoneState) => void) {
    this.#changed = changed
  }

  /** Ask the browser for it. Never throws: `state` says what came of it. */
  async open(): Promise<MediaStreamTrack | null> {
    if (this.track?.readyState === 'live') {
      this.mute(false)
      return this.track
    }
    if (!window.isSecureContext || !navigator.mediaDevices) return this.#refuse('insecure')
    const released = this.#released
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED)
      const track = stream.getAudioTracks()[0]
      if (!track) return this.#refuse('missing')
      if (released !== this.#released) {
        track.stop()
        return null
      }
      track.addEventListener('ended', () => this.track === track && this.#refuse('missing')) // unplugged, or revoked
      this.track = track
      this.#set('on')
      return track
    } catch (error) {
      return this.#refuse(refusalOf(error instanceof DOMException ? error.name : ''))
    }
  }

  mute(muted: boolean): void {
    if (!this.track) return
    this.track.enabled = !muted
    this.#set(muted ? 'muted' : 'on')
  }

  /** Give the device back. */
  release(state: MicrophoneState = 'off'): void {
    this.#released++
    this.track?.stop()
    this.track = null
    this.#set(state)
  }

  #refuse(state: MicrophoneState): null {
    this.track = null
    this.#set(state)
    return null
  }

  #set(state: MicrophoneState): void {
    if (state === this.state) return
    this.state = state
    this.#changed(state)
  }
}
