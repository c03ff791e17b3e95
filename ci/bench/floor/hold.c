/* Has a processor of this host for a while, before everything else on it but what is of the system itself.
 *
 *   hold PROCESSOR AT_NS FOR_MS
 *
 * From an instant of CLOCK_MONOTONIC on, so that several can begin at once. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "now.h"

int main(int argc, char **argv)
{
    if (argc != 4) { fprintf(stderr, "usage: hold PROCESSOR AT_NS FOR_MS\n"); return 2; }
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(atoi(argv[1]), &only);
    struct sched_param first = { .sched_priority = 60 };
    if (sched_setaffinity(0, sizeof only, &only) != 0 || sched_setscheduler(0, SCHED_FIFO, &first) != 0) {
        perror("hold");
        return 1;
    }
    long long at_ns = atoll(argv[2]);
    struct timespec at = { .tv_sec = at_ns / 1000000000LL, .tv_nsec = at_ns % 1000000000LL };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    while (now_ns() < at_ns + atoll(argv[3]) * 1000000LL) {}
    return 0;
}
