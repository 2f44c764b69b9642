//! Starts /bin/true COUNT times, one after the other, by every second way that std has: `spawn_loop_rust COUNT`

use std::os::unix::process::CommandExt;
use std::process::{exit, Command};

/// posix_spawn.
#[inline(never)]
fn run_tool() {
    assert!(Command::new("/bin/true").status().expect("true").success());
}

/// What std does with something to do before the exec: fork and exec.
#[inline(never)]
fn run_prepared() {
    let mut command = Command::new("/bin/true");
    unsafe { command.pre_exec(|| Ok(())) };
    assert!(command.status().expect("true").success());
}

fn main() {
    let count: u32 = match std::env::args().nth(1).and_then(|text| text.parse().ok()) {
        Some(count) => count,
        None => {
            eprintln!("usage: spawn_loop_rust COUNT");
            exit(64)
        }
    };
    for index in 0..count {
        if index % 2 == 0 {
            run_tool()
        } else {
            run_prepared()
        }
    }
    println!("spawned {count}");
}
