// How Node starts processes: node launches.js
"use strict";
const { exec, execFile, fork, spawn, spawnSync } = require("node:child_process");

if (process.argv[2] === "worker") {
  process.on("message", (text) => {
    process.send(text + 1);
    process.disconnect();
  });
} else {
  const ended = (child) => new Promise((resolve) => child.on("close", resolve).on("error", resolve));
  (async () => {
    spawnSync("/bin/true");
    spawnSync("true", { shell: true });
    spawnSync("/nonexistent/program");
    await ended(spawn("/bin/sh", ["-c", "/bin/true; exit 3"]));
    await ended(exec("echo a | cat"));
    await ended(execFile("true"));
    await ended(spawn("/nonexistent/program"));
    const killed = spawn("/bin/sleep", ["60"]);
    setTimeout(() => killed.kill("SIGTERM"), 20);
    await ended(killed);
    const worker = fork(__filename, ["worker"]);
    worker.send(1);
    await ended(worker);
    await Promise.all([1, 2, 3, 4].map(() => ended(spawn("/bin/true"))));
    spawn("/bin/sleep", ["0.1"], { detached: true, stdio: "ignore" }).unref();
  })();
}
