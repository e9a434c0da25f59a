import { expect, test } from 'vitest'
import { indexOf, wordEnd } from '../src/words.ts'

const heard = (text: string, spoken: number, language: string): string => text.slice(0, wordEnd(text, spoken, language))

test('the word being heard is lit whole', () => {
  expect(heard('We are open', 0, 'en-US')).toBe('')
  expect(heard('We are open', 1, 'en-US')).toBe('We')
  expect(heard('We are open', 4, 'en-US')).toBe('We are')
  expect(heard('We are open', 99, 'en-US')).toBe('We are open')
})

test('Thai has no spaces, Chinese no spaces either, Arabic joins its letters', () => {
  expect(heard('เปิดเก้าโมง', 1, 'th-TH')).toBe('เปิด')
  expect(heard('欢迎光临博物馆', 1, 'zh-CN')).toBe('欢迎')
  expect(heard('مرحبا بكم', 2, 'ar-SA')).toBe('مرحبا')
})

test('the server counts code points, the browser UTF-16 units', () => {
  expect(indexOf('a😀b', 2)).toBe(3)
  expect(heard('😀😀 ok', 1, 'en')).toBe('😀')
})
