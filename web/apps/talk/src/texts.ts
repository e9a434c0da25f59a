/** Every word the page itself says, in English and Chinese. */

import type { Cause, CheckName, MicrophoneState } from '@visavis/player'
import type { Mood } from '@visavis/protocol'

interface Advice {
  title: string
  /** What helps, in plain words. */
  cure: string
}

interface Texts {
  tag: string
  language: string
  details: string
  picture: string
  conversation: string
  more: string
  less: string
  unmute: string
  welcomeTitle: string
  welcomeLead: string
  checks: string
  hotQuestions: string
  start: string
  starting: string
  goOn: string
  again: string
  tryAgain: string
  question: string
  typeHere: string
  typeOrSpeak: string
  send: string
  interrupt: string
  stop: string
  end: string
  you: string
  avatar: string
  cut: string
  connecting: string
  askingMicrophone: string
  reconnecting: string
  cameBack: string
  notSent: string
  dictationNone: string
  dictationFailed: string
  dictationOffer: string
  dictating: string
  mood: Record<Mood, string>
  moodUnheard: string
  moodMuted: string
  microphone: Record<MicrophoneState, string>
  hint: Partial<Record<MicrophoneState, string>>
  check: Record<CheckName, string>
  cause: Record<Cause, Advice>
  ending: { NORMAL: Advice; MUTE_TIMEOUT: Advice; stopped: Advice; failed: Advice; lost: Advice }
  figures: Record<'fps' | 'size' | 'rtt' | 'jitter' | 'loss' | 'sync' | 'path' | 'answer', string>
  units: { ms: string; fps: string }
}

const en: Texts = {
  tag: 'en',
  language: 'Language of the talk',
  details: 'Connection details',
  picture: 'Picture of the avatar',
  conversation: 'Conversation',
  more: 'Show the conversation',
  less: 'Show the picture',
  unmute: 'Tap to hear her',
  welcomeTitle: 'Meet Sara',
  welcomeLead: 'Ask her anything, by voice or by typing. You can interrupt her at any time.',
  checks: 'Checks before the talk',
  hotQuestions: 'Suggested questions',
  start: 'Start talking',
  starting: 'Starting…',
  goOn: 'Go on by typing',
  again: 'Talk again',
  tryAgain: 'Try again',
  question: 'Your question',
  typeHere: 'Type your question',
  typeOrSpeak: 'Speak, or type here',
  send: 'Send',
  interrupt: 'Interrupt her (Esc)',
  stop: 'End the talk',
  end: 'End',
  you: 'You',
  avatar: 'Sara',
  cut: 'interrupted',
  connecting: 'Sara is on her way…',
  askingMicrophone: 'Please allow the microphone…',
  reconnecting: 'Connection lost. Trying again…',
  cameBack: 'The connection is back.',
  notSent: 'Not connected: your question was not sent.',
  dictationNone: 'This browser has no speech recognition of its own. Please type.',
  dictationFailed: 'The browser did not understand. Please type, or try again.',
  dictationOffer: 'Press the microphone to use your browser’s own recognition (it may send your voice to its maker).',
  dictating: 'Your browser is listening…',
  mood: { idle: 'Ready for you', listening: 'Listening', thinking: 'Thinking', speaking: 'Speaking' },
  moodUnheard: 'Type to me',
  moodMuted: 'Microphone off',
  microphone: {
    on: 'Microphone on. Press to mute.',
    muted: 'Microphone muted. Press to speak.',
    off: 'Microphone off. Press to speak.',
    denied: 'Microphone not allowed. Press to ask again.',
    missing: 'No microphone found. Press to look again.',
    busy: 'Microphone in use elsewhere. Press to try again.',
    insecure: 'No microphone without https.',
    unheard: 'Speech is not understood in this language here. Press to use the browser’s own recognition.',
  },
  hint: {
    muted: 'Your microphone is muted: Sara doesn’t hear you.',
    denied: 'Your browser refused the microphone. Allow it beside the address bar and press the microphone button, or type.',
    missing: 'No microphone was found. Plug one in and press the microphone button, or type.',
    busy: 'Another program is using the microphone. Close it and press the microphone button, or type.',
    insecure: 'Browsers give the microphone only to https pages. You can type.',
  },
  check: {
    browser: 'Browser',
    secure: 'Secure page',
    microphone: 'Microphone',
    server: 'Server',
    place: 'A free place',
    media: 'Sound and picture',
  },
  cause: {
    webrtc_missing: {
      title: 'This browser can’t make video calls',
      cure: 'Open the page in a current Chrome, Edge, Firefox or Safari.',
    },
    insecure_page: {
      title: 'No microphone without https',
      cure: 'Open the page by its https:// address, or on the server’s own machine as localhost. You can go on by typing.',
    },
    microphone_denied: {
      title: 'The microphone is not allowed',
      cure: 'Press the symbol beside the address bar and allow the microphone. You can go on by typing.',
    },
    microphone_missing: {
      title: 'No microphone found',
      cure: 'Plug one in, or switch it on in the system’s privacy settings. You can go on by typing.',
    },
    microphone_busy: {
      title: 'The microphone is in use elsewhere',
      cure: 'Close the program that uses it. You can go on by typing.',
    },
    server_unreachable: {
      title: 'The server does not answer',
      cure: 'Check your network. If it is fine, the server is off: ask its operator.',
    },
    server_not_ready: { title: 'The server is not ready yet', cure: 'It may be starting. Try again in a moment.' },
    room_closed: {
      title: 'This room is not open to visitors',
      cure: 'Its operator can open it (setting open_room), or give you another address.',
    },
    quota_full: {
      title: 'All places in this room are taken',
      cure: 'Wait until a talk ends, or ask the operator to raise the room’s concurrency.',
    },
    capacity_full: {
      title: 'The server is fully occupied',
      cure: 'It refuses new talks rather than let all of them stutter. Try again in a moment.',
    },
    entry_expired: { title: 'Your entry has expired', cure: 'Start a new talk.' },
    media_blocked: {
      title: 'Sound and picture can’t get through',
      cure: 'They travel over UDP, and a firewall or router between you and the server seems to block it. Try another network (a phone’s hotspot, no VPN), or ask the operator to open the UDP ports or set up a TURN server.',
    },
    refused: { title: 'The server refused', cure: 'Try again. If it stays, tell the operator the code.' },
  },
  ending: {
    NORMAL: { title: 'The talk has ended', cure: 'Thank you for the visit. Come back any time.' },
    MUTE_TIMEOUT: { title: 'The talk ended after a long silence', cure: 'Nobody said anything for a while, so the place was freed for others.' },
    stopped: { title: 'You ended the talk', cure: 'Thank you for the visit. Come back any time.' },
    failed: { title: 'The talk broke off', cure: 'Something failed on the server. Please start again.' },
    lost: { title: 'The connection was lost', cure: 'It could not be restored in time. Check your network and start again.' },
  },
  figures: {
    fps: 'Pictures',
    size: 'Size',
    rtt: 'Round trip',
    jitter: 'Jitter',
    loss: 'Loss',
    sync: 'Lips behind voice',
    path: 'Path',
    answer: 'Last answer after',
  },
  units: { ms: 'ms', fps: '/s' },
}

const zh: Texts = {
  tag: 'zh-CN',
  language: '对话语言',
  details: '连接详情',
  picture: '数字人画面',
  conversation: '对话内容',
  more: '展开对话',
  less: '收起对话',
  unmute: '点击开启声音',
  welcomeTitle: '认识一下 Sara',
  welcomeLead: '说话或打字，向她提问。您可以随时打断她。',
  checks: '开始前检查',
  hotQuestions: '热门问题',
  start: '开始对话',
  starting: '正在开始…',
  goOn: '先用打字继续',
  again: '再聊一次',
  tryAgain: '重试',
  question: '您的问题',
  typeHere: '请输入问题',
  typeOrSpeak: '请说话，或在此输入',
  send: '发送',
  interrupt: '打断她（Esc）',
  stop: '结束对话',
  end: '结束',
  you: '您',
  avatar: 'Sara',
  cut: '已打断',
  connecting: 'Sara 马上就来…',
  askingMicrophone: '请允许使用麦克风…',
  reconnecting: '连接中断，正在重连…',
  cameBack: '连接已恢复。',
  notSent: '尚未连接，问题没有发出。',
  dictationNone: '此浏览器没有自带语音识别，请打字输入。',
  dictationFailed: '浏览器没有听清，请打字或再试一次。',
  dictationOffer: '按麦克风按钮可使用浏览器自带的语音识别（语音可能会发送给浏览器厂商）。',
  dictating: '浏览器正在聆听…',
  mood: { idle: '请提问', listening: '正在聆听', thinking: '正在思考', speaking: '正在说话' },
  moodUnheard: '请打字提问',
  moodMuted: '麦克风已关闭',
  microphone: {
    on: '麦克风已开启，按下静音。',
    muted: '麦克风已静音，按下说话。',
    off: '麦克风未开启，按下说话。',
    denied: '麦克风未获允许，按下重新申请。',
    missing: '未找到麦克风，按下重新查找。',
    busy: '麦克风被占用，按下重试。',
    insecure: '非 https 页面无法使用麦克风。',
    unheard: '此处无法识别该语言的语音，按下使用浏览器自带的识别。',
  },
  hint: {
    muted: '麦克风已静音，Sara 听不到您说话。',
    denied: '浏览器拒绝了麦克风。请在地址栏旁允许后再按麦克风按钮，或直接打字。',
    missing: '未找到麦克风。请插入麦克风后再按麦克风按钮，或直接打字。',
    busy: '其他程序正在使用麦克风。请关闭后再按麦克风按钮，或直接打字。',
    insecure: '浏览器只允许 https 页面使用麦克风。您可以打字提问。',
  },
  check: {
    browser: '浏览器',
    secure: '安全页面',
    microphone: '麦克风',
    server: '服务器',
    place: '空闲席位',
    media: '声音和画面',
  },
  cause: {
    webrtc_missing: { title: '此浏览器不支持视频通话', cure: '请使用新版 Chrome、Edge、Firefox 或 Safari 打开。' },
    insecure_page: {
      title: '非 https 页面无法使用麦克风',
      cure: '请通过 https:// 地址打开本页，或在服务器本机用 localhost 打开。您也可以打字继续。',
    },
    microphone_denied: { title: '麦克风未获允许', cure: '请点击地址栏旁的图标并允许麦克风。您也可以打字继续。' },
    microphone_missing: { title: '未找到麦克风', cure: '请插入麦克风，或在系统隐私设置中开启。您也可以打字继续。' },
    microphone_busy: { title: '麦克风被其他程序占用', cure: '请关闭占用它的程序。您也可以打字继续。' },
    server_unreachable: { title: '服务器没有应答', cure: '请检查网络；若网络正常，则服务器已停止，请联系管理员。' },
    server_not_ready: { title: '服务器尚未就绪', cure: '它可能正在启动，请稍后再试。' },
    room_closed: { title: '此房间不对访客开放', cure: '管理员可以开放它（设置 open_room），或给您另一个地址。' },
    quota_full: { title: '房间席位已满', cure: '请等待一个对话结束，或请管理员提高房间的并发数。' },
    capacity_full: { title: '服务器已满载', cure: '为保证质量，暂不接受新的对话，请稍后再试。' },
    entry_expired: { title: '入场凭证已过期', cure: '请重新开始对话。' },
    media_blocked: {
      title: '声音和画面无法传输',
      cure: '它们通过 UDP 传输，您与服务器之间的防火墙或路由器似乎阻断了它。请换一个网络（如手机热点、关闭 VPN），或请管理员开放 UDP 端口、配置 TURN 服务器。',
    },
    refused: { title: '服务器拒绝了请求', cure: '请重试；若仍然如此，请把错误码告诉管理员。' },
  },
  ending: {
    NORMAL: { title: '对话已结束', cure: '感谢来访，欢迎随时再来。' },
    MUTE_TIMEOUT: { title: '长时间无人说话，对话已结束', cure: '席位已让给其他访客，您可以重新开始。' },
    stopped: { title: '您结束了对话', cure: '感谢来访，欢迎随时再来。' },
    failed: { title: '对话中断', cure: '服务器出现故障，请重新开始。' },
    lost: { title: '连接已断开', cure: '未能及时恢复连接。请检查网络后重新开始。' },
  },
  figures: {
    fps: '帧率',
    size: '分辨率',
    rtt: '往返时延',
    jitter: '抖动',
    loss: '丢包',
    sync: '口型滞后',
    path: '路径',
    answer: '上次应答耗时',
  },
  units: { ms: '毫秒', fps: '帧/秒' },
}

export const texts: Texts = /^zh\b/i.test(navigator.language) ? zh : en

/** Fill `data-text` (content) and `data-label` (aria-label and tooltip) of the page. */
export function translate(root: ParentNode): void {
  document.documentElement.lang = texts.tag
  const word = (key: string | undefined): string => String(texts[key as keyof Texts] ?? '')
  for (const element of root.querySelectorAll<HTMLElement>('[data-text]')) element.textContent = word(element.dataset['text'])
  for (const element of root.querySelectorAll<HTMLElement>('[data-label]')) label(element, word(element.dataset['label']))
}

export function label(element: HTMLElement, words: string): void {
  element.setAttribute('aria-label', words)
  if (element instanceof HTMLButtonElement) element.title = words
}
