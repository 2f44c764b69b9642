"""Programs and recordings that would cost or mislead whoever reads them, in DIRECTORY/NAME: what any user can leave lying about."""

from bench.hostile import MAKERS, inputs, make


def add_options(parser):
    parser.flag("--list", "the names, each with its kind")
    parser.add_argument("directory", metavar="DIRECTORY", nargs="?")
    parser.some_of("names", inputs(), "what is made; all without")


def run(options):
    if options.list or not options.directory:
        for name, (kind, _) in MAKERS.items():
            print(name, kind)
        return
    for name in options.names or inputs():
        make(options.directory, name)
