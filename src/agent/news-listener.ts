import type { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { BoardListener } from '../bench/live-board-options.ts'
import type { News } from './news.ts'

/** Tells what happens on a board to whoever follows its news. */
export function newsListener(board: string, news: News, log: Log): BoardListener {
  const bad = (type: 'fault' | 'broken', fault: Fault): void => {
    log.error({ board, fault: fault.record() }, 'a board is in trouble')
    news.tell({ type, fault: fault.record() })
  }
  return {
    trusted: trust => news.tell({ type: 'trusted', trust }),
    note: text => news.tell({ type: 'note', text }),
    recovery: step => news.tell({ type: 'recovery', step }),
    rebooted: reboot => news.tell({ type: 'rebooted', reboot }),
    struck: fault => news.tell({ type: 'struck', fault: fault.record() }),
    fault: fault => bad('fault', fault),
    broken: fault => bad('broken', fault),
  }
}
