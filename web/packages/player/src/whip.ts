/** Signalling: an SDP offer/answer over HTTP, shaped like WHIP (RFC 9725). */

import type { RtcRoomInfo } from '@visavis/protocol'
import { ClientCode, PlayerError } from './errors.ts'
import { call } from './http.ts'

/** The END_USER entry as a bearer token: `app_id.room_id.user_id.ctime.signature`. */
export function bearer(room: RtcRoomInfo): string {
  const user = room.users.find((entry) => entry.user_type === 'END_USER')
  if (!user) throw new PlayerError('90100031', 'The room has no entry for this visitor')
  return [room.app_id, room.room_id, user.user_id, user.ctime, user.signature].join('.')
}

export interface Session {
  answer: string
  /** Says good-bye. Never throws: the server notices a visitor who is gone anyway. */
  leave(): Promise<void>
}

/** Hand in the offer. Throws PlayerError. */
export async function exchange(room: RtcRoomInfo, offer: string): Promise<Session> {
  const authorization = `Bearer ${bearer(room)}`
  const response = await call(`rtc/${encodeURIComponent(room.room_id)}/whip`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp', Authorization: authorization },
    body: offer,
  })
  const answer = await response.text()
  if (!answer.startsWith('v=0')) throw new PlayerError(ClientCode.BAD_ANSWER, 'The answer is no session description')
  const location = response.headers.get('Location')
  const resource = location ? new URL(location, response.url) : null
  return {
    answer,
    async leave() {
      if (!resource) return
      // keepalive: it also goes out while the page is being closed
      await fetch(resource, { method: 'DELETE', headers: { Authorization: authorization }, keepalive: true }).catch(
        () => undefined,
      )
    },
  }
}
