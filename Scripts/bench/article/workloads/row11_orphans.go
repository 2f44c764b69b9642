// Row 11: a process that ends before its children, one of which has a process group of its own, another a signal for its parent's death.
package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
)

func startInOwnGroup() {
	command := exec.Command("/bin/sleep", "0.3")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		panic(err)
	}
}

func startWithDeathSignal() {
	command := exec.Command("/bin/sleep", "0.3")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		panic(err)
	}
}

// A second Wait must fail: the process object is of no use any more.
func waitTwice() {
	process, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	if err != nil {
		panic(err)
	}
	if _, err := process.Wait(); err != nil {
		panic(err)
	}
	if _, err := process.Wait(); err == nil {
		panic("waited twice")
	}
}

func main() {
	if len(os.Args) > 2 {
		// The death signal is of the thread that started the child.
		runtime.LockOSThread()
		startInOwnGroup()
		startWithDeathSignal()
		waitTwice()
		return
	}
	count, _ := strconv.Atoi(os.Args[1])
	for i := 0; i < count; i++ {
		if err := exec.Command(os.Args[0], "1", "parent").Run(); err != nil {
			panic(err)
		}
	}
}
