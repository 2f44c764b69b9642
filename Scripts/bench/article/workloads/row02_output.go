// Row 2: a command whose standard streams are left out, are the program's own, or are collected.
package main

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
)

func leftOut() {
	command := exec.Command("/bin/true")
	if err := command.Run(); err != nil {
		panic(err)
	}
}

func inherited() {
	command := exec.Command("/bin/true")
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		panic(err)
	}
}

func collected() {
	var output bytes.Buffer
	command := exec.Command("/bin/true")
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, &output, os.Stderr
	if err := command.Run(); err != nil {
		panic(err)
	}
}

func main() {
	run := map[string]func(){"left-out": leftOut, "inherited": inherited, "collected": collected}[os.Args[1]]
	count, _ := strconv.Atoi(os.Args[2])
	for i := 0; i < count; i++ {
		run()
	}
}
