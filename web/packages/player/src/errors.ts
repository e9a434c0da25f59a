/** Failures on the client's side, with the codes that the contract's Web SDK raises. */

export const ClientCode = {
  /** getUserMedia refused: the visitor or a policy said no. */
  CAPTURE_DENIED: '90100017',
  DEVICE_MISSING: '90100019',
  DEVICE_UNREADABLE: '90100020',
  AUTOPLAY_BLOCKED: '90100021',
  BAD_ANSWER: '90100023',
  WEBRTC_UNSUPPORTED: '90100025',
  /** No path for sound and picture: UDP blocked, or lost for good. */
  MEDIA_NETWORK: '90100026',
  /** Not over HTTPS, so the browser gives no microphone. */
  INSECURE_PAGE: '90100002',
  SERVER_UNREACHABLE: '999200004',
  METHOD_PROHIBITED: '999400001',
} as const

/** Anything the player gives up on. `code` is the service's (`MSS.…`, `9010…`) or one of ClientCode. */
export class PlayerError extends Error {
  override readonly name = 'PlayerError'
  readonly code: string
  /** HTTP status; 0 where none came. */
  readonly status: number
  /** Trying the same again may help. */
  readonly retry: boolean

  constructor(code: string, message: string, options: { status?: number; retry?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status ?? 0
    this.retry = options.retry ?? false
  }
}

export function asPlayerError(error: unknown): PlayerError {
  if (error instanceof PlayerError) return error
  return new PlayerError(ClientCode.METHOD_PROHIBITED, error instanceof Error ? error.message : String(error), {
    cause: error,
  })
}
