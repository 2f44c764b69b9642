// Row 6d: while one goroutine waits for a command, another has something to do, and there is a single processor for both.
package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

//go:noinline
func tick() {}

func ticking() {
	for {
		tick()
		time.Sleep(time.Millisecond)
	}
}

// As the library waits: the runtime is told of the system call.
func waitTold(command *exec.Cmd) {
	if err := command.Wait(); err != nil {
		panic(err)
	}
}

// The same system call, of which the runtime is not told.
func waitUntold(command *exec.Cmd) {
	var status uint32
	pid, _, failure := syscall.RawSyscall6(
		syscall.SYS_WAIT4, uintptr(command.Process.Pid), uintptr(unsafe.Pointer(&status)), 0, 0, 0, 0)
	if failure != 0 || int(pid) != command.Process.Pid {
		panic(failure)
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	wait := map[string]func(*exec.Cmd){"told": waitTold, "untold": waitUntold}[os.Args[1]]
	count, _ := strconv.Atoi(os.Args[2])
	go ticking()
	for i := 0; i < count; i++ {
		command := exec.Command("/bin/sleep", "0.05")
		if err := command.Start(); err != nil {
			panic(err)
		}
		wait(command)
	}
}
