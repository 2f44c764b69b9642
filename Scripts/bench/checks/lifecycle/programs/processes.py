"""Python's multiprocessing by each of its start methods, and subprocess: python3 processes.py METHOD"""

import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import time


def square(number):
    return number * number


def leave(code):
    sys.exit(code)


def run_a_program():
    subprocess.run(["/bin/true"], check=True)


def main(method):
    if method == "subprocess":
        subprocess.run(["true"], check=True)
        subprocess.run("/bin/true; exit 3", shell=True)
        subprocess.run(["/bin/true"], preexec_fn=os.setsid, start_new_session=False)
        subprocess.run(["/bin/true"], user=65534, group=65534, extra_groups=[])
        for path in ("/nonexistent/program", "/etc/passwd"):
            try:
                subprocess.run([path])
            except OSError as error:
                print(error)
        left = subprocess.Popen(["/bin/sleep", "60"])
        time.sleep(0.02)
        left.send_signal(signal.SIGKILL)
        left.wait()
        subprocess.Popen(["/bin/true"], close_fds=False).wait()
        os.system("/bin/true")
        os.popen("echo a | cat").read()
        subprocess.Popen(["/bin/true"])
        time.sleep(0.05)
        return
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        print(pool.map(square, range(8)))
    for target, arguments in ((leave, (7,)), (run_a_program, ()), (os.abort, ())):
        process = context.Process(target=target, args=arguments)
        process.start()
        process.join()
        print(process.exitcode)
    killed = context.Process(target=time.sleep, args=(60,))
    killed.start()
    time.sleep(0.2)
    killed.terminate()
    killed.join()
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(square, range(4))))


if __name__ == "__main__":
    main(sys.argv[1])
