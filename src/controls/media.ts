/** The boot medium and what switches it between this host and the board. */
export interface Media {
  /** Hands the medium to this host and says where it is. Errors: `infrastructure/media`. */
  toHost(signal: AbortSignal): Promise<{ path: string }>
  toBoard(signal: AbortSignal): Promise<void>
}
