// Row 8b: a command's output by a buffer, by the command's own pipe, and by an io.Pipe between.
package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
)

func command() *exec.Cmd {
	command := exec.Command("/bin/echo", "a line of output")
	command.Stdin, command.Stderr = os.Stdin, os.Stderr
	return command
}

func byBuffer() []byte {
	var output bytes.Buffer
	command := command()
	command.Stdout = &output
	if err := command.Run(); err != nil {
		panic(err)
	}
	return output.Bytes()
}

func byStdoutPipe() []byte {
	command := command()
	reader, err := command.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := command.Start(); err != nil {
		panic(err)
	}
	output, err := io.ReadAll(reader)
	if err != nil {
		panic(err)
	}
	if err := command.Wait(); err != nil {
		panic(err)
	}
	return output
}

func byIOPipe() []byte {
	command := command()
	reader, writer := io.Pipe()
	command.Stdout = writer
	read := make(chan []byte)
	go func() {
		output, err := io.ReadAll(reader)
		if err != nil {
			panic(err)
		}
		read <- output
	}()
	if err := command.Run(); err != nil {
		panic(err)
	}
	// Nobody else does, and the reader would wait for ever.
	writer.Close()
	return <-read
}

func main() {
	collect := map[string]func() []byte{"buffer": byBuffer, "stdout-pipe": byStdoutPipe, "io-pipe": byIOPipe}[os.Args[1]]
	count, _ := strconv.Atoi(os.Args[2])
	for i := 0; i < count; i++ {
		if string(collect()) != "a line of output\n" {
			panic(i)
		}
	}
}
