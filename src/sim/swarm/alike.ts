/**
 * What of this host a seed could tell: its user, and which of two files that are read at the same moment is read first. One thread
 * reads one after the other. For the environment of a process that has not read any yet.
 */
export const ALIKE_EVERYWHERE = { USER: 'somebody', UV_THREADPOOL_SIZE: '1' } as const
