//! A line between two nets that is slow and loses packets, where the kernel has no `netem`: what comes in on either side goes through a
//! program of this crate (`slow_line`) behind a TUN device, and `tbf` holds the bandwidth.

use crate::lab::Space;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// The running program; dropped, it is ended and the line is as fast as any.
pub struct Slow {
    child: Child,
}

impl Slow {
    /// Makes `router` a line of this delay each way and this loss in percent, between whatever comes in at `sides`. Each side sends at most
    /// `rate`, as `tc` writes it.
    pub fn between(router: &Space, sides: [&str; 2], millis: u32, loss: u32, rate: &str) -> Self {
        let mut command = router.command(env!("CARGO_BIN_EXE_slow_line"));
        command.args(["line", &millis.to_string(), &loss.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready.trim(), "ready", "the slow line did not start");
        router.ip("link set dev line up");
        router.ip("route add default dev line table 100");
        for side in sides {
            router.ip(&format!("rule add iif {side} lookup 100"));
            router.tc(&format!("qdisc add dev {side} root tbf rate {rate} burst 16kb latency 500ms"));
        }
        Self { child }
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
