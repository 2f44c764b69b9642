// Row 10: starting a program that is not there; the error must be there when Start returns.
package main

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
)

func startNothing() {
	if _, err := os.StartProcess("/none/such", []string{"such"}, &os.ProcAttr{}); !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
}

func startAndWait() {
	process, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	if err != nil {
		panic(err)
	}
	if _, err := process.Wait(); err != nil {
		panic(err)
	}
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	for i := 0; i < count; i++ {
		startNothing()
		startAndWait()
	}
}
