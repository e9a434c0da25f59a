import { expect, test } from 'vitest'
import { placePicture, subtitleArea } from '../src/picture.ts'

const portrait = { width: 720, height: 1280 }
const landscape = { width: 1280, height: 720 }

test('without cropping the whole picture is shown, centred', () => {
  const { view, picture } = placePicture({ width: 900, height: 640 }, portrait, 0)
  expect(view).toEqual({ left: 270, top: 0, width: 360, height: 640 })
  expect(picture).toEqual({ left: 0, top: 0, width: 360, height: 640 })
})

test('cropping enlarges the picture up to the allowed part', () => {
  const { view, picture } = placePicture({ width: 900, height: 640 }, portrait, 0.2, 0.5)
  expect(picture).toEqual({ left: 0, top: -80, width: 450, height: 800 })
  expect(view).toEqual({ left: 225, top: 0, width: 450, height: 640 })
})

test('never larger than covering the stage', () => {
  const { view, picture } = placePicture({ width: 390, height: 694 }, portrait, 0.9, 0)
  expect(view).toEqual({ left: 0, top: 0, width: 390, height: 694 })
  expect(picture.width).toBeCloseTo(390.4, 1)
  expect(picture.height).toBeCloseTo(694, 5)
})

test('the subtitle box scales with the picture, on a canvas of the same orientation', () => {
  const tall = placePicture({ width: 540, height: 960 }, portrait, 0)
  expect(subtitleArea({ dx: 100, dy: 1500, width: 880, height: 200 }, portrait, tall)).toEqual({
    left: 50, top: 750, width: 440, height: 100,
  })
  const wide = placePicture({ width: 960, height: 540 }, landscape, 0)
  expect(subtitleArea({ dx: 200, dy: 800, width: 1520, height: 200 }, landscape, wide)).toEqual({
    left: 100, top: 400, width: 760, height: 100,
  })
})

test('a box that is cropped away moves back into the view', () => {
  const placement = placePicture({ width: 540, height: 480 }, portrait, 0.5, 0)
  const area = subtitleArea({ dx: 0, dy: 1700, width: 1080, height: 200 }, portrait, placement, 10)
  expect(area).toEqual({ left: 10, top: 370, width: 520, height: 100 })
})
