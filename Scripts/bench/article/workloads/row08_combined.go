// Row 8: a command's output is collected, or is not.
package main

import (
	"os"
	"os/exec"
	"strconv"
)

func main() {
	count, _ := strconv.Atoi(os.Args[2])
	for i := 0; i < count; i++ {
		command := exec.Command("/bin/echo", "a line of output")
		var err error
		switch os.Args[1] {
		case "run":
			err = command.Run()
		case "output":
			_, err = command.Output()
		case "combined":
			_, err = command.CombinedOutput()
		}
		if err != nil {
			panic(err)
		}
	}
}
