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

export interface LanguageInfo {
  /** Contract code: CN, EN, ESP, por, Arabic, Thai, fr. */
  code: string
  /** BCP 47. */
  tag: string
  /** What the language calls itself. */
  name: string
}

/** GET /v1/open-room */
export interface OpenRoom {
  room_name: string
  languages: LanguageInfo[]
  default_language: string
  /** Talks that may still start in the room. */
  quota_free: number
  /** The installation can carry one more. */
  capacity_free: boolean
  video_config: VideoConfig
  chat_subtitle_config: SubtitleBox
  /** Suggested questions in the language that was asked for. */
  hot_questions: string[]
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

/** What a talk needs of POST /v1/open-room/jobs, or of the contract's StartSmartChat response. */
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
