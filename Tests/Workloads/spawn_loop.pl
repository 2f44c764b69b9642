# Starts /bin/true COUNT times by system, one after the other: perl spawn_loop.pl COUNT
use strict;
use warnings;

sub run_tool { system("/bin/true") == 0 or die "true: $?\n"; }

sub main {
    my ($count) = @_;
    run_tool() for 1 .. $count;
    print "spawned $count\n";
}

@ARGV == 1 && $ARGV[0] =~ /^\d+$/ or die "usage: spawn_loop.pl COUNT\n";
main($ARGV[0]);
