"""Row 11b: multiprocessing's workers, forked, beside an atexit handler that starts a program, which tells whoever runs it."""

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import time


def say_goodbye():
    subprocess.run(["/bin/true"], check=True)


def work():
    pass


def serve():
    time.sleep(60)


def linger():
    time.sleep(0.3)


def start(count, target, daemon=False):
    workers = [context.Process(target=target, daemon=daemon) for _ in range(count)]
    for worker in workers:
        worker.start()
    return workers


context = multiprocessing.get_context("fork")
how, count = sys.argv[1], int(sys.argv[2])
if how == "both":
    subprocess.run([sys.executable, __file__, "ends", str(count)], check=True)
    killed = subprocess.run([sys.executable, __file__, "is-killed", str(count)], check=False)
    sys.exit(killed.returncode != -signal.SIGKILL)
atexit.register(say_goodbye)
if how == "ends":
    for worker in start(count, work):
        worker.join()
    start(count, serve, daemon=True)
else:
    start(count, linger, daemon=True)
    os.kill(os.getpid(), signal.SIGKILL)
