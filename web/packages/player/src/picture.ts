/** Where the picture and its subtitle box stand on the stage. Pure geometry, CSS pixels. */

import type { SubtitleBox } from '@visavis/protocol'

export interface Size {
  width: number
  height: number
}

export interface Rect extends Size {
  left: number
  top: number
}

export interface Placement {
  /** What the visitor sees, inside the stage. */
  view: Rect
  /** The whole picture, relative to the view's corner: larger than the view where it is cropped. */
  picture: Rect
}

/**
 * As large as the stage allows when up to `crop` (0..1) of the picture's length may be cut off.
 *
 * 0 = contain. The view is centred; what is cut off goes by `focus` (0 = all of it at the far end), so that a
 * portrait's head stays whole.
 */
export function placePicture(stage: Size, video: Size, crop: number, focus = 0.4): Placement {
  const contain = Math.min(stage.width / video.width, stage.height / video.height)
  const cover = Math.max(stage.width / video.width, stage.height / video.height)
  const scale = Math.min(cover, contain / (1 - crop))
  const width = video.width * scale
  const height = video.height * scale
  const view = { width: Math.min(width, stage.width), height: Math.min(height, stage.height) }
  return {
    view: { ...view, left: (stage.width - view.width) / 2, top: (stage.height - view.height) / 2 },
    picture: { width, height, left: (view.width - width) / 2, top: (view.height - height) * focus },
  }
}

/**
 * The room's subtitle box on the view, relative to the view's corner.
 *
 * The canvas is 1920x1080 for a landscape picture, 1080x1920 for a portrait one. A box that is partly cropped away
 * moves back into the view, at least `margin` from its edges.
 */
export function subtitleArea(box: SubtitleBox | undefined, video: Size, { view, picture }: Placement, margin = 12): Rect {
  const canvas = video.width > video.height ? { width: 1920, height: 1080 } : { width: 1080, height: 1920 }
  const { dx, dy, width, height } = box ?? {
    dx: canvas.width * 0.08,
    dy: canvas.height * 0.8,
    width: canvas.width * 0.84,
    height: canvas.height * 0.14,
  }
  const x = picture.width / canvas.width
  const y = picture.height / canvas.height
  const area = { left: picture.left + dx * x, top: picture.top + dy * y, width: width * x, height: height * y }
  area.width = Math.min(area.width, view.width - 2 * margin)
  area.height = Math.min(area.height, view.height - 2 * margin)
  area.left = Math.min(Math.max(area.left, margin), view.width - margin - area.width)
  area.top = Math.min(Math.max(area.top, margin), view.height - margin - area.height)
  return area
}
