import { z } from 'zod'

/** When provenance signed by a key proves that an image comes from a line; everything named must hold. */
export const TrustedLine = z
  .strictObject({
    /** The line, such as `main`: hardware evidence counts for the status page of its line only. */
    line: z.string().min(1),
    /** The source repository, as a URL. */
    repository: z.string().min(1),
    /** The builders believed; absent: any that has the key. */
    builders: z.array(z.string().min(1)).min(1).optional(),
    /** The ref built, such as `refs/heads/main`. */
    ref: z.string().min(1).optional(),
    /** The job that built it, where the builder names jobs and no refs. */
    job: z.string().min(1).optional(),
  })
  .refine(({ ref, job }) => ref !== undefined || job !== undefined, 'name a ref or a job: a repository has many lines')
export type TrustedLine = z.infer<typeof TrustedLine>

/** A public key whose signatures are believed. */
export const TrustedKeySpec = z.strictObject({
  /** PEM file of a public key or a certificate. */
  key: z.string().min(1),
  /** What its provenance may prove. Without lines it vouches for files only. */
  lines: z.array(TrustedLine).default([]),
})
export type TrustedKeySpec = z.infer<typeof TrustedKeySpec>
