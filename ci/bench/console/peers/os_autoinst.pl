#!/usr/bin/perl
# The reader of os-autoinst, as its tests use it on a serial terminal: consoles/serial_screen.pm of the installed package.
# usage: os_autoinst.pl TTY rare | marks N
use strict;
use warnings;
use Fcntl;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use lib '/usr/lib/os-autoinst';
use log;
use autotest;
use bmwqemu;
use consoles::serial_screen;

$| = 1;
# Without arguments: whether it could be measured here.
exit 0 if !@ARGV;
# It logs every call; in a test run that goes to a file.
$log::logger = Mojo::Log->new(path => '/dev/null');
my ($tty, $what, $count) = @ARGV;
sysopen(my $line, $tty, O_RDWR | O_NOCTTY) or die "$tty: $!";
my $screen = consoles::serial_screen->new($line, $line);

print "ready\n";
if ($what eq 'rare') {
    my $found = $screen->read_until(qr/RARE-MATCH-(\d{1,20}) /, 120);
    printf "matched %.0f\n", clock_gettime(CLOCK_MONOTONIC) * 1e9 if $found->{matched};
    exit 0;
}
for (1 .. $count) {
    my $found = $screen->read_until(qr/MARK (\d{1,20}) \r\n/, 30);
    my $now = clock_gettime(CLOCK_MONOTONIC) * 1e9;
    my ($said) = $found->{string} =~ /MARK (\d+)/;
    printf "trip %.6f\n", ($now - $said) / 1e6;
    $screen->type_string({text => "\n"});
}
