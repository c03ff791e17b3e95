import { z } from 'zod'
import { readYaml } from '../../base/schema.ts'
import { DEFAULT_RETENTION, type RetentionPolicy } from '../../model/retention.ts'

const amount = z.int().min(0).max(1_000_000)

/** A retention policy as a file: what it leaves out is as usual. */
const RetentionFile = z.strictObject({ keepLast: amount.exactOptional(), keepDays: amount.exactOptional() })

/** What to keep: by options, else by a file, else as usual. Errors: `configuration/retention` with every complaint at file:line. */
export function retentionPolicy(options: Partial<RetentionPolicy>, file: string | undefined): RetentionPolicy {
  const written = file === undefined ? {} : readYaml(file, RetentionFile, 'configuration/retention').data
  return {
    keepLast: options.keepLast ?? written.keepLast ?? DEFAULT_RETENTION.keepLast,
    keepDays: options.keepDays ?? written.keepDays ?? DEFAULT_RETENTION.keepDays,
  }
}
