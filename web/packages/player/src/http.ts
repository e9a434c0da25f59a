/** The three HTTP calls a page makes beside WHIP, and how their failures read. */

import type { JobStart, OpenRoom } from '@visavis/protocol'
import { ClientCode, PlayerError } from './errors.ts'

const TIMEOUT = 15_000

/** fetch with a time limit; every failure is a PlayerError. `path` is relative to the page. */
export async function call(path: string, init: RequestInit = {}, timeout = TIMEOUT): Promise<Response> {
  const url = new URL(path, document.baseURI)
  let response: Response
  try {
    response = await fetch(url, { cache: 'no-store', ...init, signal: init.signal ?? AbortSignal.timeout(timeout) })
  } catch (cause) {
    throw new PlayerError(ClientCode.SERVER_UNREACHABLE, `No answer from ${url.host}`, { retry: true, cause })
  }
  if (!response.ok) throw await refusal(response)
  return response
}

/** The error that a refused call carries: `{error_code, error_msg}`, else its status line. */
async function refusal(response: Response): Promise<PlayerError> {
  const retry = response.status >= 500 || response.status === 429
  const text = await response.text().catch(() => '')
  try {
    const body = JSON.parse(text) as Partial<Record<'error_code' | 'error_msg', unknown>>
    if (typeof body.error_code === 'string' && typeof body.error_msg === 'string')
      return new PlayerError(body.error_code, body.error_msg, { status: response.status, retry })
  } catch {
    // not ours: a proxy's page, say
  }
  const message = `${response.status} ${response.statusText}`.trim()
  return new PlayerError(`HTTP.${response.status}`, message, { status: response.status, retry })
}

/** Resolves when a talk can start. Throws the server's reason otherwise. */
export async function ready(): Promise<void> {
  await call('ready', {}, 6_000)
}

/** `language` chooses the questions that the room suggests. */
export async function openRoom(language = ''): Promise<OpenRoom> {
  const query = language ? `?language=${encodeURIComponent(language)}` : ''
  return (await call(`v1/open-room${query}`)).json() as Promise<OpenRoom>
}

export async function startJob(language: string): Promise<JobStart> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ language }) }
  return (await call('v1/open-room/jobs', init)).json() as Promise<JobStart>
}
