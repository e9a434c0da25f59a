/** Live figures of a connection, from getStats (W3C webrtc-stats identifiers). */

export interface Figures {
  /** Pictures shown in the last second. */
  fps: number | null
  width: number | null
  height: number | null
  /** Interarrival jitter, milliseconds. */
  videoJitter: number | null
  audioJitter: number | null
  /** Round trip of the media path, milliseconds. */
  rtt: number | null
  /** Packets lost so far, both kinds, in percent. */
  loss: number | null
  /** Picture playout time minus sound playout time, milliseconds; positive: the picture is late. */
  avOffset: number | null
  freezes: number | null
  /** host, srflx, prflx or relay, of our side. */
  path: string | null
  codec: string | null
}

type Entry = Record<string, unknown> & { id: string; type: string }

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const milliseconds = (value: unknown): number | null => {
  const seconds = number(value)
  return seconds === null ? null : Math.round(seconds * 1000)
}

/** Boil one report down. */
export function figuresOf(report: Iterable<Entry>): Figures {
  const entries = new Map<string, Entry>()
  for (const entry of report) entries.set(entry.id, entry)
  const all = [...entries.values()]
  const inbound = (kind: string) => all.find((entry) => entry.type === 'inbound-rtp' && entry['kind'] === kind)
  const video = inbound('video')
  const audio = inbound('audio')
  const transport = all.find((entry) => entry.type === 'transport')
  const pair =
    entries.get(String(transport?.['selectedCandidatePairId'] ?? '')) ??
    all.find((entry) => entry.type === 'candidate-pair' && entry['nominated'] === true && entry['state'] === 'succeeded')
  const local = entries.get(String(pair?.['localCandidateId'] ?? ''))
  const codec = entries.get(String(video?.['codecId'] ?? ''))
  let lost = 0
  let received = 0
  for (const stream of [video, audio]) {
    lost += Math.max(0, number(stream?.['packetsLost']) ?? 0)
    received += number(stream?.['packetsReceived']) ?? 0
  }
  const shown = number(video?.['estimatedPlayoutTimestamp'])
  const heard = number(audio?.['estimatedPlayoutTimestamp'])
  return {
    fps: number(video?.['framesPerSecond']),
    width: number(video?.['frameWidth']),
    height: number(video?.['frameHeight']),
    videoJitter: milliseconds(video?.['jitter']),
    audioJitter: milliseconds(audio?.['jitter']),
    rtt: milliseconds(pair?.['currentRoundTripTime']),
    loss: received + lost > 0 ? Math.round((lost / (received + lost)) * 1000) / 10 : null,
    avOffset: shown && heard ? Math.round(heard - shown) : null,
    freezes: number(video?.['freezeCount']),
    path: typeof local?.['candidateType'] === 'string' ? local['candidateType'] : null,
    codec: typeof codec?.['mimeType'] === 'string' ? codec['mimeType'].replace(/^video\//, '') : null,
  }
}
