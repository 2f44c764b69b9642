// Row 12: a command that is given as many bytes by its environment, or by a memfd.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

func memfd(content []byte) *os.File {
	name, err := syscall.BytePtrFromString("environment")
	if err != nil {
		panic(err)
	}
	const memfdCreate, closeOnExec = 319, 1
	descriptor, _, failure := syscall.Syscall(memfdCreate, uintptr(unsafe.Pointer(name)), closeOnExec, 0)
	if failure != 0 {
		panic(failure)
	}
	file := os.NewFile(descriptor, "environment")
	if _, err := file.Write(content); err != nil {
		panic(err)
	}
	return file
}

func byEnvironment(variables []string) {
	command := exec.Command(os.Args[3], "environment")
	command.Env = variables
	if err := command.Run(); err != nil {
		panic(err)
	}
}

func byMemfd(variables []string) {
	file := memfd([]byte(strings.Join(variables, "\x00") + "\x00"))
	defer file.Close()
	command := exec.Command(os.Args[3], "memfd")
	command.Env = []string{}
	command.ExtraFiles = []*os.File{file}
	if err := command.Run(); err != nil {
		panic(err)
	}
}

func main() {
	size, _ := strconv.Atoi(os.Args[2])
	count, _ := strconv.Atoi(os.Args[4])
	variables := make([]string, size)
	for i := range variables {
		variables[i] = fmt.Sprintf("VARIABLE_%04d=value of some length", i)
	}
	run := map[string]func([]string){"environment": byEnvironment, "memfd": byMemfd}[os.Args[1]]
	for i := 0; i < count; i++ {
		run(variables)
	}
}
