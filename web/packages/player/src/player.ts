/** A talk in a browser: joins the task's room, plays sound and picture, sends the visitor's words. */

import { ASK_LIMIT, type ClientMessage, type JobStart, type ServerEvent } from '@visavis/protocol'
import { delayBefore, pause } from './backoff.ts'
import { Connection } from './connection.ts'
import { Emitter } from './emitter.ts'
import { asPlayerError, ClientCode, PlayerError } from './errors.ts'
import type { Figures } from './figures.ts'
import { Microphone, type MicrophoneState } from './microphone.ts'

export type PlayerState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'ended'

/** Why a talk is over: the server's verdict, the visitor's wish, or what went wrong here. */
export type Ending =
  | { kind: 'finished'; state: 'SUCCEED' | 'FAILED'; reason: string }
  | { kind: 'stopped' }
  | { kind: 'error'; error: PlayerError }

export interface PlayerEvents {
  state: PlayerState
  event: ServerEvent
  microphone: MicrophoneState
  /** True: the browser plays no sound until the visitor taps; call playRemoteVideo() from that tap. */
  autoplayBlocked: boolean
  figures: Figures
  ended: Ending
}

export interface StartOptions {
  /** Ask for the microphone. Default true. */
  microphone?: boolean
  /** Milliseconds until a missing media path is called blocked. Default 10000. */
  connectTimeout?: number
  /** Milliseconds a lost connection is tried again; the server's grace period. Default 30000. */
  gracePeriod?: number
}

export class Player {
  readonly video: HTMLVideoElement
  readonly #emitter = new Emitter<PlayerEvents>()
  readonly #microphone: Microphone
  #state: PlayerState = 'idle'
  #job: JobStart | null = null
  #options: Required<StartOptions> = { microphone: true, connectTimeout: 10_000, gracePeriod: 30_000 }
  #connection: Connection | null = null
  #finished: Ending | null = null
  #stopping: (() => void) | null = null
  #meter: ReturnType<typeof setInterval> | undefined

  constructor(video: HTMLVideoElement) {
    this.video = video
    this.#microphone = new Microphone((state) => this.#microphoneChanged(state))
  }

  get state(): PlayerState {
    return this.#state
  }

  get microphone(): MicrophoneState {
    return this.#microphone.state
  }

  get microphoneTrack(): MediaStreamTrack | null {
    return this.#microphone.track
  }

  on<K extends keyof PlayerEvents>(name: K, listener: (value: PlayerEvents[K]) => void): () => void {
    return this.#emitter.on(name, listener)
  }

  /** Ask for the microphone ahead of `start`. Never throws: the answer is the state. */
  async prepareMicrophone(): Promise<MicrophoneState> {
    await this.#microphone.open()
    return this.#microphone.state
  }

  /** Give it back, when no talk came of it. */
  releaseMicrophone(): void {
    this.#microphone.release()
  }

  /** Join. Resolves when the talk is connected; throws PlayerError when it can't be (and emits `ended`). */
  async start(job: JobStart, options: StartOptions = {}): Promise<void> {
    if (this.#state !== 'idle' && this.#state !== 'ended')
      throw new PlayerError(ClientCode.METHOD_PROHIBITED, 'A talk is running')
    this.#job = job
    this.#options = { microphone: true, connectTimeout: 10_000, gracePeriod: 30_000, ...options }
    this.#finished = null
    this.#set('connecting')
    if (this.#options.microphone) await this.#microphone.open()
    if (this.#over()) return // stopped at the permission prompt
    try {
      await this.#connect()
    } catch (cause) {
      const error = asPlayerError(cause)
      await this.#end({ kind: 'error', error })
      throw error
    }
  }

  /** End the talk. Waits briefly for the server's verdict. */
  async stop(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'ended') return
    if (this.#send({ type: 'stop' }))
      await new Promise<void>((resolve) => {
        this.#stopping = resolve
        setTimeout(resolve, 1000)
      })
    this.#stopping = null
    await this.#end(this.#finished ?? { kind: 'stopped' })
  }

  /** A typed question, or one that the browser's recogniser heard. False: not connected, or nothing to send. */
  sendTextQuestion(text: string): boolean {
    const question = text.trim().slice(0, ASK_LIMIT)
    return question !== '' && this.#send({ type: 'ask', text: question })
  }

  interruptSpeaking(): boolean {
    return this.#send({ type: 'interrupt' })
  }

  /** Open or unmute the microphone; asks the browser again after a refusal. */
  async startUserSpeak(): Promise<MicrophoneState> {
    if (this.#microphone.state === 'unheard') return 'unheard'
    await this.#microphone.open()
    return this.#microphone.state
  }

  /** Mute. The device stays open, silence is sent. */
  stopUserSpeak(): void {
    this.#microphone.mute(true)
  }

  /** Play with sound; from a tap where the browser's autoplay rules ask for one. */
  async playRemoteVideo(): Promise<void> {
    this.video.muted = false
    await this.#play()
  }

  async figures(): Promise<Figures | null> {
    return (await this.#connection?.figures()) ?? null
  }

  async #connect(): Promise<void> {
    const job = this.#job
    if (!job) return
    const connection: Connection = new Connection(job, this.#microphone.track, {
      event: (event) => this.#connection === connection && this.#take(event),
      stream: (stream) => this.#connection === connection && this.#show(stream),
      lost: () => this.#connection === connection && void this.#reconnect(),
    })
    this.#connection = connection
    await connection.open(this.#options.connectTimeout)
    if (this.#connection !== connection || this.#over()) return
    this.#send({ type: 'microphone', open: this.#microphone.state === 'on' })
    this.#set('connected')
    clearInterval(this.#meter)
    this.#meter = setInterval(() => void this.#measure(connection), 1000)
  }

  /** The server keeps the talk for the grace period: a new offer with the same entry finds it where it was. */
  async #reconnect(): Promise<void> {
    if (this.#finished) return void (await this.#end(this.#finished))
    clearInterval(this.#meter)
    this.#set('reconnecting')
    const deadline = performance.now() + this.#options.gracePeriod
    for (let attempt = 0; ; attempt++) {
      await pause(delayBefore(attempt))
      if (this.#over()) return
      try {
        return await this.#connect()
      } catch (cause) {
        const error = asPlayerError(cause)
        if (this.#over()) return
        if (!error.retry || performance.now() > deadline) return void (await this.#end({ kind: 'error', error }))
      }
    }
  }

  #take(event: ServerEvent): void {
    if (event.type === 'ready' && !event.listening) {
      // nobody hears it: give the device back, the browser's recording sign goes out
      this.#microphone.release('unheard')
    }
    this.#emitter.emit('event', event)
    if (event.type !== 'job_finished') return
    this.#finished = { kind: 'finished', state: event.state, reason: event.reason }
    if (this.#stopping) this.#stopping()
    else void this.#end(this.#finished)
  }

  /** Also in the middle of a talk: a visitor may answer the permission prompt late, or pull the plug. */
  #microphoneChanged(state: MicrophoneState): void {
    void this.#connection?.replaceMicrophone(this.#microphone.track)
    this.#send({ type: 'microphone', open: state === 'on' })
    this.#emitter.emit('microphone', state)
  }

  #show(stream: MediaStream): void {
    if (this.video.srcObject !== stream) this.video.srcObject = stream
    void this.#play()
  }

  async #play(): Promise<void> {
    try {
      await this.video.play()
      if (!this.video.muted) this.#emitter.emit('autoplayBlocked', false)
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return // a newer stream took over
      this.video.muted = true
      this.#emitter.emit('autoplayBlocked', true)
      await this.video.play().catch(() => undefined)
    }
  }

  async #measure(connection: Connection): Promise<void> {
    const figures = await connection.figures().catch(() => null)
    if (figures && this.#connection === connection) this.#emitter.emit('figures', figures)
  }

  async #end(ending: Ending): Promise<void> {
    if (this.#state === 'ended') return
    clearInterval(this.#meter)
    const connection = this.#connection
    this.#connection = null
    this.#microphone.release()
    this.#set('ended')
    this.#emitter.emit('ended', ending)
    this.video.srcObject = null
    await connection?.leave()
  }

  #send(message: ClientMessage): boolean {
    return this.#connection?.send(message) ?? false
  }

  #over(): boolean {
    return this.#state === 'ended'
  }

  #set(state: PlayerState): void {
    if (state === this.#state) return
    this.#state = state
    this.#emitter.emit('state', state)
  }
}
