/* The far end of consoles: ptys of its own, and something to say on them.
 *
 *   feeder blast FILE [TIMES]       one console; says FILE as fast as it is read, and again
 *   feeder pace FILE N BYTES_PER_S  N consoles; says FILE on each at a line's rate, and drops what a full line drops
 *   feeder mark N                   one console; says `MARK <ns>` N times, each when a byte came back for the last
 *
 * Prints the path of every console, then begins at the first line of its own input and ends with that input. `ns` is
 * CLOCK_MONOTONIC just before the write. At the end it prints `dropped <bytes>` after `pace`, else `said`. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "../floor/now.h"

#define MAX_CONSOLES 64
/* What a USB adapter hands over at once, roughly: its latency timer is between 1 and 16 ms. */
#define TICK_NS 5000000L

static int masters[MAX_CONSOLES];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* A console in raw mode. This program keeps the near end open too, so that the line lives before and after its reader. */
static int open_console(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) || unlockpt(master)) die("feeder: pty");
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    struct termios line;
    if (slave < 0 || tcgetattr(slave, &line)) die("feeder: pty");
    cfmakeraw(&line);
    if (tcsetattr(slave, TCSANOW, &line)) die("feeder: pty");
    printf("%s\n", ptsname(master));
    return master;
}

static const char *map(const char *path, size_t *size)
{
    int file = open(path, O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about)) die(path);
    *size = about.st_size;
    const char *text = mmap(NULL, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (text == MAP_FAILED) die(path);
    return text;
}

static void wait_for_line(void)
{
    char line[64];
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) exit(0);
}

static void blast(const char *text, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(masters[0], text + done, size - done);
        if (put < 0) die("feeder: write");
        done += put;
    }
}

static void pace(const char *text, size_t size, int consoles, double bytes_per_s)
{
    long long start = now_ns(), dropped = 0;
    for (int i = 0; i < consoles; i++) fcntl(masters[i], F_SETFL, O_NONBLOCK);
    for (size_t said = 0; said < size;) {
        struct timespec tick = { .tv_nsec = TICK_NS };
        nanosleep(&tick, NULL);
        size_t due = (now_ns() - start) / 1e9 * bytes_per_s;
        if (due > size) due = size;
        for (int i = 0; i < consoles; i++) {
            ssize_t put = write(masters[i], text + said, due - said);
            if (put < 0 && errno != EAGAIN) die("feeder: write");
            dropped += (ssize_t)(due - said) - (put < 0 ? 0 : put);
        }
        said = due;
    }
    printf("dropped %lld\n", dropped);
    fflush(stdout);
}

static void mark(int count)
{
    char line[64], answer[64];
    for (int i = 0; i < count; i++) {
        /* Long enough for the reader to have gone to sleep again. */
        struct timespec rest = { .tv_nsec = 200000 };
        nanosleep(&rest, NULL);
        int length = snprintf(line, sizeof line, "MARK %lld \r\n", now_ns());
        if (write(masters[0], line, length) != length) die("feeder: write");
        if (read(masters[0], answer, sizeof answer) <= 0) die("feeder: read");
    }
}

int main(int argc, char **argv)
{
    if (argc < 3) { fprintf(stderr, "usage: see the head of feeder.c\n"); return 2; }
    int paced = !strcmp(argv[1], "pace");
    int consoles = paced && argc > 4 ? atoi(argv[3]) : 1;
    if (consoles < 1 || consoles > MAX_CONSOLES) { fprintf(stderr, "feeder: 1 to %d consoles\n", MAX_CONSOLES); return 2; }
    for (int i = 0; i < consoles; i++) masters[i] = open_console();
    size_t size = 0;
    const char *text = strcmp(argv[1], "mark") ? map(argv[2], &size) : NULL;
    wait_for_line();
    if (!text) mark(atoi(argv[2]));
    else if (paced) pace(text, size, consoles, atof(argv[4]));
    else {
        for (int i = argc > 3 ? atoi(argv[3]) : 1; i > 0; i--) blast(text, size);
        printf("said\n");
        fflush(stdout);
    }
    while (getchar() != EOF) continue;
    return 0;
}
