/** The page's parts, found once. */

function find<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (!element) throw new Error(`no element #${id}`)
  return element as T
}

export const page = {
  roomName: find('room-name'),
  language: find<HTMLSelectElement>('language'),
  details: find<HTMLButtonElement>('details'),
  stage: find('stage'),
  view: find('view'),
  cover: find<HTMLImageElement>('cover'),
  video: find<HTMLVideoElement>('video'),
  ambient: find<HTMLCanvasElement>('ambient'),
  subtitle: find('subtitle'),
  state: find('state'),
  unmute: find<HTMLButtonElement>('unmute'),
  figures: find('figures'),
  veil: find('veil'),
  panel: find('panel'),
  handle: find<HTMLButtonElement>('handle'),
  ending: find('ending'),
  preflight: find('preflight'),
  conversation: find('conversation'),
  chips: find('chips'),
  hint: find('hint'),
  start: find<HTMLButtonElement>('start'),
  ask: find<HTMLFormElement>('ask'),
  text: find<HTMLInputElement>('text'),
  mic: find<HTMLButtonElement>('mic'),
  interrupt: find<HTMLButtonElement>('interrupt'),
  stop: find<HTMLButtonElement>('stop'),
  toasts: find('toasts'),
}

export function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', `#i-${name}`)
  svg.append(use)
  return svg
}

/** A notice that goes by itself. */
export function toast(words: string, code = '', bad = true): void {
  const made = element('div', bad ? 'toast bad' : 'toast')
  const body = element('div', '', words)
  if (code) body.append(element('code', '', code))
  made.append(body)
  page.toasts.append(made)
  while (page.toasts.childElementCount > 3) page.toasts.firstElementChild?.remove()
  setTimeout(() => made.remove(), 6000)
}
