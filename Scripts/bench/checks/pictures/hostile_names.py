"""Starts programs whose names are markup, out of a process whose name is: hostile_names.py DIRECTORY. A program of its own, to be recorded."""

import ctypes
import os
import pathlib
import shutil
import sys

PR_SET_NAME = 15


def hostile(directory):
    directory = pathlib.Path(directory)
    true = os.fsencode(shutil.which("true"))
    names = [
        b'"><img src=x onerror=window.ran=1>.sh',
        b"' onload='window.ran=1",
        b"<script>window.ran=1<" + b"/script>",
        b"]]><script>window.ran=1<" + b"/script>",
        b"&lt;script&gt;window.ran=1",
        b"\xe2\x80\xaegnp.exe",
        b"\xff\xfe\x80 not UTF-8",
        b"\x1b[31mred\x07\n",
        b"javascript:window.ran=1",
    ]
    long = b"/".join([b"<b>" + b"x" * 240] * 14)
    for name in names + [long]:
        path = os.fsencode(directory) + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(true, path)
        for comm in (b"</text><script>", b"\"'&<\xff\xe2\x80\xae"):
            ctypes.CDLL(None).prctl(PR_SET_NAME, ctypes.c_char_p(comm), 0, 0, 0)
            os.waitpid(os.posix_spawn(path, [b"true"], os.environ), 0)


if __name__ == "__main__":
    hostile(sys.argv[1])
