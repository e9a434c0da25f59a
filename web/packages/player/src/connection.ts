/** One RTCPeerConnection's life: offer, answer, connected, lost. A visitor who comes back gets a new one. */

import { type ClientMessage, type JobStart, parseEvent, type ServerEvent } from '@visavis/protocol'
import { ClientCode, PlayerError } from './errors.ts'
import { type Figures, figuresOf } from './figures.ts'
import { exchange, type Session } from './whip.ts'

const GATHERING = 1500
/** Milliseconds that "disconnected" may last: ICE often heals by itself. */
const HEALING = 4000

export interface Hooks {
  event(event: ServerEvent): void
  stream(stream: MediaStream): void
  /** Was connected, and is gone. Called once. */
  lost(): void
}

export class Connection {
  readonly #peer: RTCPeerConnection
  readonly #channel: RTCDataChannel
  readonly #sender: RTCRtpSender
  readonly #job: JobStart
  readonly #hooks: Hooks
  readonly #stream = new MediaStream()
  #session: Session | null = null
  #up = false
  #closed = false
  #healing: ReturnType<typeof setTimeout> | undefined

  constructor(job: JobStart, microphone: MediaStreamTrack | null, hooks: Hooks) {
    this.#job = job
    this.#hooks = hooks
    this.#peer = new RTCPeerConnection({ iceServers: job.ice_servers ?? [], bundlePolicy: 'max-bundle' })
    // sendrecv also without a microphone: one that is opened later needs no new offer (replaceTrack)
    this.#sender = this.#peer.addTransceiver(microphone ?? 'audio', { direction: 'sendrecv' }).sender
    this.#peer.addTransceiver('video', { direction: 'recvonly' })
    this.#channel = this.#peer.createDataChannel('events', { ordered: true })
    this.#channel.addEventListener('message', ({ data }) => {
      const event = typeof data === 'string' ? parseEvent(data) : null
      if (event) hooks.event(event)
    })
    // sound and picture in one stream: the browser then keeps them in sync
    this.#peer.addEventListener('track', ({ track }) => {
      this.#stream.addTrack(track)
      hooks.stream(this.#stream)
    })
  }

  /** Resolves when media and channel are up. Throws PlayerError; the connection is closed then. */
  async open(timeout: number): Promise<void> {
    try {
      await this.#peer.setLocalDescription()
      await this.#gathered()
      const session = await exchange(this.#job.rtc_room_info, this.#peer.localDescription?.sdp ?? '')
      this.#session = session
      if (this.#closed) return void (await session.leave()) // stopped while the offer was under way
      try {
        await this.#peer.setRemoteDescription({ type: 'answer', sdp: session.answer })
      } catch (cause) {
        throw new PlayerError(ClientCode.BAD_ANSWER, `The browser refuses the answer: ${String(cause)}`, { cause })
      }
      await this.#connected(timeout)
    } catch (error) {
      this.close()
      throw error
    }
    this.#up = true
    this.#peer.addEventListener('connectionstatechange', () => this.#watch())
    this.#channel.addEventListener('close', () => this.#lose())
  }


  /** False: not connected, the message is not sent. */
  send(message: ClientMessage): boolean {
    if (this.#channel.readyState !== 'open') return false
    this.#channel.send(JSON.stringify(message))
    return true
  }

  async replaceMicrophone(track: MediaStreamTrack | null): Promise<void> {
    if (!this.#closed) await this.#sender.replaceTrack(track)
  }

  async figures(): Promise<Figures> {
    const report = await this.#peer.getStats()
    const entries: (Record<string, unknown> & { id: string; type: string })[] = []
    report.forEach((entry) => entries.push(entry))
    return figuresOf(entries)
  }

  /** Vanish; the server waits for a visitor who comes back. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#healing)
    this.#channel.close()
    this.#peer.close()
  }

  /** Hang up for good. */
  async leave(): Promise<void> {
    this.close()
    await this.#session?.leave()
  }

  /** All candidates, or those found in a bounded time: a dead STUN server must not hold up the talk. */
  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHERING)
      const check = (): void => {
        if (this.#peer.iceGatheringState !== 'complete') return
        clearTimeout(timer)
        resolve()
      }
      this.#peer.addEventListener('icegatheringstatechange', check)
      check()
    })
  }

  #connected(timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const blocked = (why: string): void => {
        clearTimeout(timer)
        const kinds = new Set(
          [...(this.#peer.localDescription?.sdp ?? '').matchAll(/^a=candidate:.* typ (\w+)/gm)].map((m) => m[1]),
        )
        const found = [...kinds].join(', ') || 'none'
        reject(
          new PlayerError(ClientCode.MEDIA_NETWORK, `${why} (own candidates: ${found})`, { retry: true }),
        )
      }
      const timer = setTimeout(
        () => blocked(`No media path after ${timeout / 1000} s, ${this.#peer.iceConnectionState}`),
        timeout,
      )
      const check = (): void => {
        if (this.#closed) blocked('Closed while connecting')
        else if (this.#peer.connectionState === 'failed') blocked('The media path failed')
        else if (this.#peer.connectionState === 'connected' && this.#channel.readyState === 'open') {
          clearTimeout(timer)
          resolve()
        }
      }
      this.#peer.addEventListener('connectionstatechange', check)
      this.#channel.addEventListener('open', check)
      this.#channel.addEventListener('close', check)
      check()
    })
  }

  #watch(): void {
    clearTimeout(this.#healing)
    const state = this.#peer.connectionState
    if (state === 'failed' || state === 'closed') this.#lose()
    else if (state === 'disconnected') this.#healing = setTimeout(() => this.#lose(), HEALING)
  }

  #lose(): void {
    if (this.#closed || !this.#up) return
    this.close()
    this.#hooks.lost()
  }
}
