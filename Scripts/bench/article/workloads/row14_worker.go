// Row 14: requests that are answered by a new process each, by one that stays, by the program itself, or by a small process that starts
// the new ones.
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

func byItself(request string) string {
	return request
}

// The helper answers each of its parent's requests by a new process.
func help() {
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		fmt.Println(byNewProcess(requests.Text()))
	}
}

func startWorker(command *exec.Cmd) *worker {
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
	return &worker{bufio.NewWriter(in), bufio.NewReader(out)}
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
	if os.Args[1] == "help" {
		help()
		return
	}
	count, _ := strconv.Atoi(os.Args[2])
	answer := byNewProcess
	switch os.Args[1] {
	case "worker", "helper":
		command := exec.Command("/bin/cat")
		if os.Args[1] == "helper" {
			command = exec.Command(os.Args[0], "help")
		}
		answer = startWorker(command).ask
		defer command.Wait()
		defer command.Process.Kill()
	case "itself":
		answer = byItself
	}
	for i := 0; i < count; i++ {
		if answer(strconv.Itoa(i)) != strconv.Itoa(i) {
			panic(i)
		}
	}
}
