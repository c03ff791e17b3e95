/* The floor: the least a program can do that talks to a board over its tty, with nothing between it and the kernel.
 *
 *   reader TTY                                  waits for the login prompt
 *   reader TTY USER PASSWORD N [again LINE...]  logs in, runs one command, then N round trips, logs out
 *
 * `again`: the login prompt stands there already, so it is asked for by an empty line. The round trips go through the
 * lines in turn. Prints one line for each thing
 * seen: `login`, `shell`, `first` with ms since the epoch, `trip` with the ms it took. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int tty;
static char seen[1 << 20];
static size_t length;

static double now_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* Reads until `text` was seen, and forgets all up to it. */
static void until(const char *text)
{
    for (;;) {
        char *at = memmem(seen, length, text, strlen(text));
        if (at) {
            size_t used = at - seen + strlen(text);
            memmove(seen, seen + used, length -= used);
            return;
        }
        if (length == sizeof seen) length = 0;
        struct pollfd ready = { .fd = tty, .events = POLLIN };
        if (poll(&ready, 1, 180000) <= 0) { fprintf(stderr, "reader: no '%s' in 180 s\n", text); exit(1); }
        ssize_t got = read(tty, seen + length, sizeof seen - length);
        if (got <= 0) { perror("reader: read"); exit(1); }
        length += got;
    }
}

static void type(const char *text)
{
    if (write(tty, text, strlen(text)) != (ssize_t)strlen(text)) { perror("reader: write"); exit(1); }
}

static void say(const char *what, double ms)
{
    printf("%s %.3f\n", what, ms);
    fflush(stdout);
}

/* The mark is typed in two halves, so that the echo of what is typed is not taken for the answer. */
static void command(const char *line)
{
    type(line);
    type("; echo END\"\"-$?\n");
    until("END-");
    until("$ ");
}

int main(int argc, char **argv)
{
    if (argc < 2 || (tty = open(argv[1], O_RDWR | O_NOCTTY)) < 0) { perror("reader: open"); return 1; }
    struct termios line;
    tcgetattr(tty, &line);
    cfmakeraw(&line);
    cfsetspeed(&line, B115200);
    tcsetattr(tty, TCSAFLUSH, &line);
    say("ready", now_ms(CLOCK_REALTIME));
    if (argc > 5) type("\n");
    until("login: ");
    say("login", now_ms(CLOCK_REALTIME));
    if (argc < 5) return 0;
    type(argv[2]);
    type("\n");
    until("assword: ");
    type(argv[3]);
    type("\n");
    until("$ ");
    say("shell", now_ms(CLOCK_REALTIME));
    command(argc > 6 ? argv[6] : "echo hello");
    say("first", now_ms(CLOCK_REALTIME));
    for (int trip = 0; trip < atoi(argv[4]); trip++) {
        double start = now_ms(CLOCK_MONOTONIC);
        command(argc > 6 ? argv[6 + trip % (argc - 6)] : "echo hello");
        say("trip", now_ms(CLOCK_MONOTONIC) - start);
    }
    type("exit\n");
    until("login: ");
    return 0;
}
