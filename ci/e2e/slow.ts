/** Why a test is skipped that takes long, and whose rule a quicker one holds up in part: none of it with HIL_TRUTH=1. */
export const slow = process.env.HIL_TRUTH === undefined && 'slow: set HIL_TRUTH=1'
