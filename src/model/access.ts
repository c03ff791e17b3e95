import { z } from 'zod'

/** Who shows a token, as others see it. */
export const TokenName = z.string().regex(/^[\w.@-]{1,64}$/, 'a name such as ci')

/** What somebody may do with an agent: `see`; `use` boards; `administer`: end what others have, hand it on. */
const AccessRule = z.strictObject({
  /** Those who may open the agent's socket on its own host. */
  local: z.literal(true).optional(),
  /** Who shows the token, as others see it. */
  name: TokenName.optional(),
  /** SHA-256 of the token; the token itself is in no file of the bench. */
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'what hil agent token printed')
    .optional(),
  role: z.enum(['see', 'use', 'administer']),
  /** Only these boards; absent: all. */
  boards: z.array(z.string()).optional(),
})

export const AccessSpec = AccessRule.refine(
  ({ local, name, tokenSha256 }) => (local ? name === undefined && tokenSha256 === undefined : !!name && !!tokenSha256),
  'either local: true, or name and tokenSha256',
)
export type AccessSpec = z.infer<typeof AccessSpec>
