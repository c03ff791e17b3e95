import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { Holder } from '../bench/lock.ts'
import type { Bench, Board } from '../bench/load.ts'
import type { Rules } from '../model/lease/words.ts'
import type { AgentMeans } from './agent.ts'
import type { AuditFiles } from './audit-files.ts'
import type { BookDisk } from './leases/book-disk.ts'
import type { HostTime } from './leases/book-time.ts'

/** What it takes of its host: the host's own, unless a simulation brings others. */
interface BenchAgentMeans extends AgentMeans {
  readonly disk?: BookDisk
  readonly time?: HostTime
}

export interface BenchAgentOptions {
  readonly bench: Bench
  readonly bookPath: string
  readonly holder: Holder
  readonly clock: Clock
  readonly log: Log
  /** Where it is written down who did what. */
  readonly auditFiles: AuditFiles
  /** Told of leases that begin and end, and of a bench file that is read: for whoever parks the boards when this process is killed. */
  readonly onBoards?: (inUse: readonly Board[]) => void
  readonly rules?: Partial<Rules>
  readonly means?: BenchAgentMeans
}
