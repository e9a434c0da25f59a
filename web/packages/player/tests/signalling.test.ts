import { afterEach, expect, test, vi } from 'vitest'
import { delayBefore } from '../src/backoff.ts'
import { call } from '../src/http.ts'
import { refusalOf } from '../src/microphone.ts'
import { findingOf } from '../src/preflight.ts'
import { bearer, exchange } from '../src/whip.ts'
import { ClientCode, PlayerError } from '../src/errors.ts'

const entry = { user_type: 'END_USER', user_id: 'u1', signature: 'beef', ctime: 1767326645 } as const
const room = { app_id: 'app', room_id: 'job', users: [{ ...entry, user_type: 'PLAYER', user_id: 'p' } as const, entry] }

function serve(answer: (url: string, init: RequestInit) => Response | Promise<Response>): void {
  vi.stubGlobal('document', { baseURI: 'https://host.example/talk/' })
  vi.stubGlobal('fetch', async (url: URL, init: RequestInit) => answer(String(url), init))
}

afterEach(() => vi.unstubAllGlobals())

test('the END_USER entry makes the bearer', () => {
  expect(bearer(room)).toBe('app.job.u1.1767326645.beef')
  expect(() => bearer({ ...room, users: [] })).toThrow(PlayerError)
})

test('an offer is posted under the page’s own path, and leaving deletes the resource', async () => {
  const seen: [string, string, string | null, unknown][] = []
  serve((url, init) => {
    seen.push([url, init.method ?? '', new Headers(init.headers).get('authorization'), init.body])
    const response = new Response('v=0\r\n', { status: 201, headers: { Location: 'whip/7' } })
    Object.defineProperty(response, 'url', { value: url })
    return response
  })
  const session = await exchange(room, 'offer')
  await session.leave()
  expect(session.answer).toBe('v=0\r\n')
  expect(seen).toEqual([
    ['https://host.example/talk/rtc/job/whip', 'POST', 'Bearer app.job.u1.1767326645.beef', 'offer'],
    ['https://host.example/talk/rtc/job/whip/7', 'DELETE', 'Bearer app.job.u1.1767326645.beef', undefined],
  ])
})

test('a refusal carries the service’s code and words', async () => {
  serve(() => Response.json({ error_code: 'MSS.20010135', error_msg: 'full' }, { status: 400 }))
  const error = await call('x').catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'MSS.20010135', message: 'full', status: 400, retry: false })
  expect(findingOf(error as PlayerError)).toMatchObject({ check: 'place', cause: 'quota_full' })
})

test('a proxy’s error page and a dead server are told apart', async () => {
  serve(() => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))
  expect(await call('x').catch((cause: unknown) => cause)).toMatchObject({ code: 'HTTP.502', retry: true })
  serve(() => Promise.reject(new TypeError('failed')))
  const dead = await call('x').catch((cause: unknown) => cause)
  expect(findingOf(dead as PlayerError, 'place')).toMatchObject({ check: 'server', cause: 'server_unreachable' })
})

test('each failure has its cause', () => {
  const cause = (code: string, status = 0, asked: 'server' | 'place' = 'server') =>
    findingOf(new PlayerError(code, '', { status }), asked).cause
  expect(cause('MSS.20010089', 400)).toBe('capacity_full')
  expect(cause(ClientCode.MEDIA_NETWORK)).toBe('media_blocked')
  expect(cause('90100030', 403)).toBe('entry_expired')
  expect(cause('MSS.00000004', 503)).toBe('server_not_ready')
  expect(cause('MSS.47010009', 403, 'place')).toBe('room_closed')
  expect(cause('MSS.47050002', 500)).toBe('refused')
})

test('getUserMedia’s failures', () => {
  expect(['NotAllowedError', 'NotFoundError', 'NotReadableError'].map(refusalOf)).toEqual(['denied', 'missing', 'busy'])
})

test('attempts come slower, never slower than every four seconds', () => {
  expect([0, 1, 2, 3, 4, 9].map(delayBefore)).toEqual([0, 500, 1000, 2000, 4000, 4000])
})
