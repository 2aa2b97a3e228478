//! `slow_line NAME MILLIS LOSS`: a TUN device whose packets come back after so many milliseconds, and LOSS in a hundred of them never.
//!
//! For tests on kernels without `netem`. It ends with its standard input, so that it never outlives who started it.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tun_rs::{DeviceBuilder, SyncDevice};

/// Packets under way at once; above it they are lost, as in any line.
const QUEUE: usize = 4096;
/// Bytes of one packet.
const PACKET: usize = 1500;

type Queue = Arc<(Mutex<VecDeque<(Instant, Vec<u8>)>>, Condvar)>;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, name, millis, loss] = arguments.as_slice() else { anyhow::bail!("slow_line NAME MILLIS LOSS") };
    let delay = Duration::from_millis(millis.parse()?);
    let loss: u64 = loss.parse()?;
    let device = Arc::new(DeviceBuilder::new().name(name.as_str()).build_sync()?);
    let queue: Queue = Arc::default();
    let (sender, waiting) = (Arc::clone(&device), Arc::clone(&queue));
    std::thread::spawn(move || give_back(&sender, &waiting));
    std::thread::spawn(move || take(&device, &queue, delay, loss));
    // Data for who started it: from here on the device is there.
    #[allow(clippy::print_stdout, reason = "this is its one answer")]
    {
        println!("ready");
    }
    let _ = std::io::stdin().read(&mut [0]);
    Ok(())
}

/// Takes what comes, and drops its share by a fixed sequence, so that a run can be repeated.
fn take(device: &SyncDevice, queue: &Queue, delay: Duration, loss: u64) {
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    let mut packet = [0; PACKET];
    while let Ok(length) = device.recv(&mut packet) {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let (waiting, told) = &**queue;
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if chance % 100 >= loss && waiting.len() < QUEUE {
            waiting.push_back((Instant::now() + delay, packet[..length].to_vec()));
            told.notify_one();
        }
    }
}

/// Gives each back when its time has come; the delay is the same for all, so they stay in order.
fn give_back(device: &SyncDevice, queue: &Queue) {
    let (waiting, told) = &**queue;
    loop {
        let (due, packet) = {
            let held = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let mut held = told.wait_while(held, |w| w.is_empty()).unwrap_or_else(PoisonError::into_inner);
            match held.pop_front() {
                Some(first) => first,
                None => continue,
            }
        };
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        // A packet that the kernel does not take is lost.
        let _ = device.send(&packet);
    }
}
