/** What the page reads and sends over HTTP: the open room, a started task, and errors. */

/** Canvas 1920x1080 for a landscape picture, 1080x1920 for a portrait one. */
export interface SubtitleBox {
  dx: number
  dy: number
  width: number
  height: number
}

export interface VideoConfig {
  width: number
  height: number
}

/** GET /v1/open-room */
export interface OpenRoom {
  room_name: string
  /** Contract codes: CN, EN, ESP, por, Arabic, Thai, fr. */
  languages: string[]
  default_language: string
  /** Talks that the room's quota still allows; 0 = full. */
  quota_free: number
  /** Talks that this installation can still carry; 0 = full. */
  capacity_free: number
  video_config: VideoConfig
  chat_subtitle_config?: SubtitleBox
  /** Suggested questions, one list for all or a list a language. */
  hot_questions?: string[] | Record<string, string[]>
  /** A still picture of the avatar, shown before the talk. */
  cover_url?: string
}

export interface RoomUser {
  user_type: 'CAPTURE' | 'ANIMATION' | 'RENDER' | 'PLAYER' | 'INFERENCE_USER' | 'END_USER'
  user_id: string
  signature: string
  ctime: number
}

/** Who may join the task's room; room_id is the job_id. */
export interface RtcRoomInfo {
  app_id: string
  room_id: string
  users: RoomUser[]
}

export interface IceServer {
  urls: string | string[]
  username?: string
  credential?: string
}

/** POST /v1/open-room/jobs, and the contract's StartSmartChat response. */
export interface JobStart {
  job_id: string
  rtc_room_info: RtcRoomInfo
  chat_subtitle_config?: SubtitleBox
  video_config?: VideoConfig
  default_language?: string
  ice_servers?: IceServer[]
}

export interface ErrorBody {
  error_code: string
  error_msg: string
}

/** BCP 47 twins of the contract's language codes, as in `visavis.core.languages`. */
export const BCP47: Readonly<Record<string, string>> = {
  CN: 'zh-CN',
  EN: 'en-US',
  ESP: 'es-ES',
  por: 'pt-BR',
  Arabic: 'ar-SA',
  Thai: 'th-TH',
  fr: 'fr-FR',
}
