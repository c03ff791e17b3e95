import { z } from 'zod'

/** The telnet option by which a server lets its serial port be set. Source: https://www.rfc-editor.org/rfc/rfc2217. */
export const COM_PORT = 44

const SET_BAUD_RATE = 1
const SET_DATA_SIZE = 2
const SET_PARITY = 3
const SET_STOP_SIZE = 4
const SET_CONTROL = 5
const SET_LINE_STATE_MASK = 10
const SET_MODEM_STATE_MASK = 11
/** What the server answers is the number of what it was asked, and this. */
const ANSWER = 100

const PARITIES = { none: 1, odd: 2, even: 3, mark: 4, space: 5 } as const
const STOP_BITS = { '1': 1, '2': 2, '1.5': 3 } as const
const NO_FLOW_CONTROL = 1
const DTR = { on: 8, off: 9 } as const
const RTS = { on: 11, off: 12 } as const

/** How the server's port is to be set: options of the driver, in mode rfc2217 only. */
export const PortSettings = {
  baudRate: z.int().min(50).max(4_000_000).optional(),
  dataBits: z.int().min(5).max(8).optional(),
  parity: z.enum(['none', 'odd', 'even', 'mark', 'space']).optional(),
  stopBits: z.literal([1, 1.5, 2]).optional(),
  /** Lines that some boards take for a reset or a boot mode: left as they are unless named. */
  dtr: z.boolean().optional(),
  rts: z.boolean().optional(),
}
const Settings = z.object(PortSettings)
export type PortSettings = z.infer<typeof Settings>

/** A command to the server. */
export interface PortCommand {
  readonly name: string
  readonly bytes: readonly number[]
}

/** Tells the server not to report the states of its lines, which nobody here looks at. ser2net does not confirm it. */
export const NO_REPORTS: readonly (readonly number[])[] = [
  [SET_LINE_STATE_MASK, 0],
  [SET_MODEM_STATE_MASK, 0],
]

/** The commands that set a port, each to be confirmed; where nothing is said, 115200 8N1 without flow control. */
export function portCommands(settings: PortSettings): PortCommand[] {
  const { baudRate = 115_200, dataBits = 8, parity = 'none', stopBits = 1, dtr, rts } = settings
  const baud = Buffer.alloc(4)
  baud.writeUInt32BE(baudRate)
  const commands: [name: string, ...bytes: number[]][] = [
    [`${baudRate} baud`, SET_BAUD_RATE, ...baud],
    [`${dataBits} data bits`, SET_DATA_SIZE, dataBits],
    [`parity ${parity}`, SET_PARITY, PARITIES[parity]],
    [`${stopBits} stop bits`, SET_STOP_SIZE, STOP_BITS[String(stopBits) as keyof typeof STOP_BITS]],
    ['no flow control', SET_CONTROL, NO_FLOW_CONTROL],
  ]
  if (dtr !== undefined) commands.push([`DTR ${onOff(dtr)}`, SET_CONTROL, DTR[onOff(dtr)]])
  if (rts !== undefined) commands.push([`RTS ${onOff(rts)}`, SET_CONTROL, RTS[onOff(rts)]])
  return commands.map(([name, ...bytes]) => ({ name, bytes }))
}

/** Which of the open commands the server answers; `as`: what it set, undefined when that is what was asked for. */
export function answeredBy(
  answer: Uint8Array,
  open: readonly PortCommand[],
): { readonly command: PortCommand; readonly as: number | undefined } | undefined {
  const value = Buffer.from(answer.subarray(1))
  const asked = open.filter(({ bytes }) => bytes[0] === (answer[0] ?? 0) - ANSWER)
  const command = asked.find(({ bytes }) => value.equals(Buffer.from(bytes.slice(1))))
  if (command) return { command, as: undefined }
  const as = value.length > 0 && value.length <= 4 ? value.readUIntBE(0, value.length) : -1
  return asked[0] && { command: asked[0], as }
}

function onOff(on: boolean): 'on' | 'off' {
  return on ? 'on' : 'off'
}
