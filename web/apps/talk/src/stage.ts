/** The picture on the stage, its light on the room, and where its subtitles stand. */

import { placePicture, subtitleArea, type Subtitles } from '@visavis/player'
import type { SubtitleBox, VideoConfig } from '@visavis/protocol'
import { page } from './elements.ts'

/** How much of the picture's length may be cut off to make the face larger. */
const CROP = { desk: 0.3, phone: 0.6 }
const phone = window.matchMedia('(max-width: 820px) and (orientation: portrait)')

export class Stage {
  readonly #subtitles: Subtitles
  #video: VideoConfig = { width: 720, height: 1280 }
  #box: SubtitleBox | undefined

  constructor(subtitles: Subtitles) {
    this.#subtitles = subtitles
    new ResizeObserver(() => this.layout()).observe(page.stage)
    page.video.addEventListener('resize', () => this.layout()) // the stream's own size is the truth
    page.video.addEventListener('playing', () => page.view.classList.add('playing'))
    page.video.addEventListener('emptied', () => page.view.classList.remove('playing'))
    page.cover.addEventListener('error', () => (page.cover.hidden = true))
    page.cover.addEventListener('load', () => this.#shine(page.cover))
    setInterval(() => page.video.readyState >= 2 && !document.hidden && this.#shine(page.video), 1000)
    this.layout()
  }

  configure(video: VideoConfig | undefined, box: SubtitleBox | undefined): void {
    if (video && video.width > 0 && video.height > 0) this.#video = video
    this.#box = box
    this.layout()
  }

  layout(): void {
    const { clientWidth, clientHeight } = page.stage
    if (!clientWidth || !clientHeight) return
    const { videoWidth, videoHeight } = page.video
    const size = videoWidth ? { width: videoWidth, height: videoHeight } : this.#video
    const placement = placePicture(
      { width: clientWidth, height: clientHeight },
      size,
      phone.matches ? CROP.phone : CROP.desk,
    )
    document.body.classList.toggle('landscape', size.width > size.height)
    put(page.view, placement.view)
    put(page.video, placement.picture)
    put(page.cover, placement.picture)
    this.#subtitles.place(subtitleArea(this.#box, size, placement, phone.matches ? 34 : 16))
  }

  /** The room takes the picture's colours. */
  #shine(source: CanvasImageSource): void {
    const { width, height } = page.ambient
    page.ambient.getContext('2d')?.drawImage(source, 0, 0, width, height)
  }
}

function put(element: HTMLElement, rect: { left: number; top: number; width: number; height: number }): void {
  for (const side of ['left', 'top', 'width', 'height'] as const) element.style[side] = `${rect[side]}px`
}
