// Row 14: requests that are answered by a new process each, or by one that stays.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

func byNewProcess(request string) string {
	answer, err := exec.Command("/bin/cat", "/dev/null").Output()
	if err != nil {
		panic(err)
	}
	return request + string(answer)
}

type worker struct {
	in  *bufio.Writer
	out *bufio.Reader
}

func startWorker() (*worker, *exec.Cmd) {
	command := exec.Command("/bin/cat")
	in, err := command.StdinPipe()
	if err != nil {
		panic(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := command.Start(); err != nil {
		panic(err)
	}
	return &worker{bufio.NewWriter(in), bufio.NewReader(out)}, command
}

func (w *worker) ask(request string) string {
	fmt.Fprintln(w.in, request)
	w.in.Flush()
	line, err := w.out.ReadString('\n')
	if err != nil {
		panic(err)
	}
	return line[:len(line)-1]
}

func main() {
	count, _ := strconv.Atoi(os.Args[2])
	if os.Args[1] == "spawn" {
		for i := 0; i < count; i++ {
			if byNewProcess(strconv.Itoa(i)) != strconv.Itoa(i) {
				panic(i)
			}
		}
		return
	}
	w, command := startWorker()
	for i := 0; i < count; i++ {
		if w.ask(strconv.Itoa(i)) != strconv.Itoa(i) {
			panic(i)
		}
	}
	command.Process.Kill()
	command.Wait()
}
