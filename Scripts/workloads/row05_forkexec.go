// Row 5: syscall.ForkExec with a made-up argv[0], a relative path, and with no environment, an empty one and the inherited one.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func wait(pid int) {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil || status.ExitStatus() != 0 {
		panic(fmt.Sprint(err, status))
	}
}

func anyArgv0() {
	pid, err := syscall.ForkExec("/bin/true", []string{"not a path at all"}, &syscall.ProcAttr{Env: os.Environ()})
	if err != nil {
		panic(err)
	}
	wait(pid)
}

func relativePath() {
	if _, err := syscall.ForkExec("true", []string{"/bin/true"}, &syscall.ProcAttr{}); err != syscall.ENOENT {
		panic(err)
	}
}

func nilEnvironment() {
	pid, err := syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{Env: nil})
	if err != nil {
		panic(err)
	}
	wait(pid)
}

func emptyEnvironment() {
	pid, err := syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{Env: []string{}})
	if err != nil {
		panic(err)
	}
	wait(pid)
}

func commandOfNilEnvironment() {
	command := exec.Command("/bin/true")
	command.Env = nil
	if err := command.Run(); err != nil {
		panic(err)
	}
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	for i := 0; i < count; i++ {
		anyArgv0()
		relativePath()
		nilEnvironment()
		emptyEnvironment()
		commandOfNilEnvironment()
	}
}
