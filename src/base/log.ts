import pino from 'pino'

export type Log = pino.Logger

/**
 * The program's own log: JSON lines to files, written synchronously so that a kill loses nothing.
 *
 * Secrets are redacted by key wherever they stand in a logged object.
 */
export function openLog(options: { path?: string; verbose?: boolean; level?: string }): Log {
  const streams: pino.StreamEntry[] = []
  if (options.path) {
    const file = pino.destination({ dest: options.path, sync: true, mkdir: true })
    // A full disk must not end the process that has boards to switch off; the run's own log tells of it.
    file.on('error', () => {})
    streams.push({ level: 'debug', stream: file })
  }
  if (options.verbose) streams.push({ level: 'debug', stream: pino.destination({ dest: 2, sync: true }) })
  const secrets = ['password', 'passphrase', 'privateKey', 'token', 'secret']
  return pino(
    {
      level: options.level ?? 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secrets.flatMap(key => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    },
    pino.multistream(streams),
  )
}

export const silentLog: Log = pino({ level: 'silent' })
