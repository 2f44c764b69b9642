"""A whole flame graph as the browser shows it, as a PNG file."""

from bench.checks.pictures.debian_python import run_module
from bench.options import number_from


def add_options(parser):
    parser.add_argument("picture", metavar="PICTURE.svg")
    parser.add_argument("width", metavar="WIDTH", type=number_from(1))
    parser.add_argument("scheme", choices=("light", "dark"))
    parser.add_argument("file", metavar="FILE.png")


def run(options):
    return run_module("bench.checks.pictures.shoot", options.picture, options.width, options.scheme, options.file)
