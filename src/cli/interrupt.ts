import { Fault } from '../base/fault.ts'

const interrupt = new AbortController()

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => {
    if (interrupt.signal.aborted) {
      process.stderr.write('hil: still ending: what it has of boards is put away first, then it goes\n')
      return
    }
    interrupt.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: name }))
  })

// A reader that goes away (`| head`, a lost terminal) must not end this process before its boards are parked.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', () =>
    interrupt.abort(new Fault('cancelled/interrupt', { expected: 'a reader of the output', seen: 'it went away' })),
  )

/** Aborts on Ctrl-C, SIGTERM and SIGHUP. Whoever owns a board parks it then; a second signal does not hurry that. */
export const interruptSignal: AbortSignal = interrupt.signal
