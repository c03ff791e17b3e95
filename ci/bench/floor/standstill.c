/* When a processor of this host was nobody's here: what woke the most urgent program on it late.
 *
 *   standstill PROCESSOR LATE_US
 *
 * Asks every millisecond to be woken on one processor, before everything on this host that has no more urgent claim, and prints
 * `from to` in ns of CLOCK_MONOTONIC for each time it came so late or later: from when it should have been woken to when it was.
 * What holds it up is another guest of the same machine, or this host's own kernel, which may be at work for some program's call.
 * Says `ready` first and ends with its input. Ends with 77 where it may not be that urgent. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "now.h"

#define TICK_NS 1000000L
#define MAY_NOT 77

static void sleep_until(long long at_ns)
{
    struct timespec at = { .tv_sec = at_ns / 1000000000LL, .tv_nsec = at_ns % 1000000000LL };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {}
}

int main(int argc, char **argv)
{
    if (argc != 3) { fprintf(stderr, "usage: standstill PROCESSOR LATE_US\n"); return 2; }
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(atoi(argv[1]), &only);
    struct sched_param urgent = { .sched_priority = 50 };
    if (sched_setaffinity(0, sizeof only, &only) != 0) { perror("standstill: processor"); return 1; }
    if (sched_setscheduler(0, SCHED_FIFO, &urgent) != 0 || mlockall(MCL_CURRENT | MCL_FUTURE) != 0) return MAY_NOT;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("ready\n");
    long long late_ns = atoll(argv[2]) * 1000;
    struct pollfd input = { .fd = 0, .events = POLLIN };
    while (poll(&input, 1, 0) == 0) {
        long long due_ns = now_ns() + TICK_NS;
        sleep_until(due_ns);
        long long woken_ns = now_ns();
        if (woken_ns - due_ns >= late_ns) printf("%lld %lld\n", due_ns, woken_ns);
    }
    return 0;
}
