"""Every way that Python starts processes: python3 lifecycles.py MODE [COUNT]; --modes lists the modes."""

import asyncio
import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys


def subprocess_default():
    subprocess.run(["/bin/true"], check=True)
    return 1


def subprocess_search():
    """The child tries each directory of PATH."""
    environment = {"PATH": "/nonexistent/1:/nonexistent/2:/nonexistent/3:/bin"}
    subprocess.run(["true"], check=True, env=environment)
    return 1


def subprocess_preexec():
    subprocess.run(["/bin/true"], check=True, preexec_fn=lambda: None)
    return 1


def subprocess_shell():
    """The shell is replaced by the command; the second one has two, and starts both."""
    subprocess.run("exec /bin/true", shell=True, check=True)
    subprocess.run("/bin/true; /bin/true; exit 3", shell=True)
    return 4


def subprocess_open_descriptors():
    subprocess.run(["/bin/true"], check=True, close_fds=False)
    return 1


def subprocess_session():
    subprocess.run(["/bin/true"], check=True, start_new_session=True, cwd="/", stdin=subprocess.DEVNULL)
    return 1


def subprocess_missing():
    try:
        subprocess.run(["/nonexistent/program"])
    except FileNotFoundError:
        return 1
    return 0


def subprocess_killed():
    # One that has read a line is past its exec: a tracer's exec takes long enough to be killed in.
    for number in (signal.SIGTERM, signal.SIGKILL):
        child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdin.write(b"x")
        child.stdin.flush()
        child.stdout.read(1)
        child.send_signal(number)
        child.communicate()
    return 2


def subprocess_pipeline():
    first = subprocess.Popen(["/bin/echo", "one"], stdout=subprocess.PIPE)
    second = subprocess.Popen(["/bin/cat"], stdin=first.stdout, stdout=subprocess.DEVNULL)
    first.stdout.close()
    second.wait()
    first.wait()
    return 2


def os_calls():
    os.system("/bin/true; exit 5")
    os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
    os.waitpid(os.posix_spawnp("true", ["true"], os.environ), 0)
    os.spawnv(os.P_WAIT, "/bin/true", ["true"])
    return 5


def os_fork():
    child = os.fork()
    if child == 0:
        os._exit(7)
    os.waitpid(child, 0)
    return 1


def work(number):
    return number * number


def by_start_method(method):
    context = multiprocessing.get_context(method)
    for number in range(2):
        process = context.Process(target=work, args=(number,))
        process.start()
        process.join()
    return 2


def multiprocessing_fork():
    return by_start_method("fork")


def multiprocessing_spawn():
    """One more: the first asks for a process that keeps track of shared resources."""
    return by_start_method("spawn")


def multiprocessing_pool():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work, range(20))
        pool.close()
        pool.join()
    return 2


def executor():
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        list(pool.map(work, range(20)))
    return 2


def asyncio_subprocess():
    async def run():
        for _ in range(2):
            process = await asyncio.create_subprocess_exec("/bin/true")
            await process.wait()

    asyncio.run(run())
    return 2


MODES = {
    function.__name__.replace("_", "-"): function
    for function in (
        subprocess_default,
        subprocess_search,
        subprocess_preexec,
        subprocess_shell,
        subprocess_open_descriptors,
        subprocess_session,
        subprocess_missing,
        subprocess_killed,
        subprocess_pipeline,
        os_calls,
        os_fork,
        multiprocessing_fork,
        multiprocessing_spawn,
        multiprocessing_pool,
        executor,
        asyncio_subprocess,
    )
}


def main():
    if sys.argv[1:] == ["--modes"]:
        print("\n".join(MODES))
        return 0
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in MODES:
        print(__doc__, file=sys.stderr)
        return 64
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 1
    spawns = sum(MODES[sys.argv[1]]() for _ in range(count))
    # The first of several processes that are spawned, not forked, brings a resource tracker with it.
    spawns += sys.argv[1] == "multiprocessing-spawn"
    print(f"spawned {spawns}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
