/** The connection doctor: one small check each, with a named cause. The page has the words for people. */

import type { OpenRoom } from '@visavis/protocol'
import { asPlayerError, ClientCode, type PlayerError } from './errors.ts'
import { openRoom, ready } from './http.ts'

export type CheckName = 'browser' | 'secure' | 'microphone' | 'server' | 'place' | 'media'

/** Why something can't work. The names are keys of the page's texts. */
export type Cause =
  | 'webrtc_missing'
  | 'insecure_page'
  | 'microphone_denied'
  | 'microphone_missing'
  | 'microphone_busy'
  | 'server_unreachable'
  | 'server_not_ready'
  | 'room_closed'
  | 'quota_full'
  | 'capacity_full'
  | 'entry_expired'
  | 'media_blocked'
  | 'refused'

export interface Finding {
  check: CheckName
  /** `limited`: the talk works, with less (typing instead of speaking). */
  verdict: 'ok' | 'limited' | 'failed'
  cause?: Cause
  /** The service's own words and code, where it gave some. */
  error?: PlayerError
}

/** WebRTC with data channels, and what the page is written with. */
export function checkBrowserSupport(): Finding {
  const supported =
    typeof RTCPeerConnection === 'function' &&
    'createDataChannel' in RTCPeerConnection.prototype &&
    typeof AbortSignal.timeout === 'function'
  return supported ? { check: 'browser', verdict: 'ok' } : { check: 'browser', verdict: 'failed', cause: 'webrtc_missing' }
}

/** Browsers give the microphone to HTTPS pages and to localhost only. */
export function checkSecurePage(): Finding {
  return window.isSecureContext
    ? { check: 'secure', verdict: 'ok' }
    : { check: 'secure', verdict: 'limited', cause: 'insecure_page' }
}

/** Permission and presence, without asking yet. */
export async function checkMicrophone(): Promise<Finding> {
  const limited = (cause: Cause): Finding => ({ check: 'microphone', verdict: 'limited', cause })
  if (!window.isSecureContext || !navigator.mediaDevices) return limited('insecure_page')
  const permission = await navigator.permissions
    ?.query({ name: 'microphone' as PermissionName })
    .catch(() => null) // Firefox before 132 does not know the name
  if (permission?.state === 'denied') return limited('microphone_denied')
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => [])
  if (!devices.some((device) => device.kind === 'audioinput')) return limited('microphone_missing')
  return { check: 'microphone', verdict: 'ok' }
}

export async function checkServer(): Promise<Finding> {
  try {
    await ready()
    return { check: 'server', verdict: 'ok' }
  } catch (cause) {
    return findingOf(asPlayerError(cause), 'server')
  }
}

/** Is there a free place in the room and on the box? Hands back the room where it was told. */
export async function checkPlace(language = ''): Promise<Finding & { room?: OpenRoom }> {
  try {
    const room = await openRoom(language)
    if (room.quota_free <= 0) return { check: 'place', verdict: 'failed', cause: 'quota_full', room }
    if (!room.capacity_free) return { check: 'place', verdict: 'failed', cause: 'capacity_full', room }
    return { check: 'place', verdict: 'ok', room }
  } catch (cause) {
    return findingOf(asPlayerError(cause), 'place')
  }
}

const CAUSES: Record<string, [CheckName, Cause]> = {
  'MSS.20010135': ['place', 'quota_full'],
  'MSS.20010075': ['place', 'quota_full'],
  'MSS.20010089': ['place', 'capacity_full'],
  '90100030': ['server', 'entry_expired'],
  [ClientCode.MEDIA_NETWORK]: ['media', 'media_blocked'],
  [ClientCode.SERVER_UNREACHABLE]: ['server', 'server_unreachable'],
  [ClientCode.WEBRTC_UNSUPPORTED]: ['browser', 'webrtc_missing'],
}

/** Which check an error belongs to. `asked`: the check that ran into it. */
export function findingOf(error: PlayerError, asked: CheckName = 'server'): Finding {
  const known = CAUSES[error.code]
  if (known) return { check: known[0], verdict: 'failed', cause: known[1], error }
  if (error.status === 503) return { check: 'server', verdict: 'failed', cause: 'server_not_ready', error }
  if (asked === 'place' && [401, 403, 404].includes(error.status))
    return { check: 'place', verdict: 'failed', cause: 'room_closed', error }
  return { check: asked, verdict: 'failed', cause: 'refused', error }
}
