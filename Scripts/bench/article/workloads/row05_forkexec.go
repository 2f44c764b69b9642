// Row 5: syscall.ForkExec with a made-up argv[0], a relative path, with no environment, an empty one and the inherited one, and with no
// environment on a controlling terminal.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"unsafe"
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

func openTerminal() (master, terminal *os.File) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		panic(err)
	}
	var number, unlocked int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlocked, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(value))); errno != 0 {
			panic(errno)
		}
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		panic(err)
	}
	return master, terminal
}

func onTerminal(terminal *os.File, attributes syscall.SysProcAttr) (int, error) {
	fd := terminal.Fd()
	return syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{Env: nil, Files: []uintptr{fd, fd, fd}, Sys: &attributes})
}

func nilEnvironmentOnTerminal() {
	// When the master is closed, who leads the terminal's session is sent SIGHUP.
	master, terminal := openTerminal()
	defer master.Close()
	defer terminal.Close()
	pid, err := onTerminal(terminal, syscall.SysProcAttr{Setsid: true, Setctty: true})
	if err != nil {
		panic(err)
	}
	wait(pid)
}

// A process that leads no session cannot have a controlling terminal.
func terminalWithoutSession() {
	master, terminal := openTerminal()
	defer master.Close()
	defer terminal.Close()
	if _, err := onTerminal(terminal, syscall.SysProcAttr{Setctty: true}); err != syscall.EPERM {
		panic(fmt.Sprint("no session, and yet ", err))
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
		nilEnvironmentOnTerminal()
		terminalWithoutSession()
	}
}
