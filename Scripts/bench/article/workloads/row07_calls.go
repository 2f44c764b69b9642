// Row 7: a loop of a system call that does next to nothing, of which Go's scheduler is told or is not.
package main

import (
	"os"
	"strconv"
	"syscall"
)

func told(count int) {
	for i := 0; i < count; i++ {
		syscall.Syscall(syscall.SYS_GETPPID, 0, 0, 0)
	}
}

func untold(count int) {
	for i := 0; i < count; i++ {
		syscall.RawSyscall(syscall.SYS_GETPPID, 0, 0, 0)
	}
}

func main() {
	loop := map[string]func(int){"told": told, "untold": untold}[os.Args[1]]
	count, _ := strconv.Atoi(os.Args[2])
	loop(count)
}
