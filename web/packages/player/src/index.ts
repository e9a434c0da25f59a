export { asPlayerError, ClientCode, PlayerError } from './errors.ts'
export type { Figures } from './figures.ts'
export { openRoom, ready, startJob } from './http.ts'
export type { MicrophoneState } from './microphone.ts'
export { type Ending, Player, type PlayerEvents, type PlayerState, type StartOptions } from './player.ts'
export {
  type Cause,
  checkBrowserSupport,
  checkMicrophone,
  checkPlace,
  type CheckName,
  checkSecurePage,
  checkServer,
  type Finding,
  findingOf,
} from './preflight.ts'
export { type Placement, placePicture, subtitleArea, type Rect } from './picture.ts'
export { Subtitles } from './subtitles.ts'
export { wordEnd } from './words.ts'
