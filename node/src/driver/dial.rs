//! Whom to go for, and when again: backoff with jitter, so that a node that comes back is not met by everybody at once.

use belay_protocol::ids::NodeId;
use belay_protocol::random::{self, Random};
use libp2p::Multiaddr;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The wait after the first failure; doubled with each further one.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait: a machine that was off for the night is met within minutes.
const LONGEST: Duration = Duration::from_secs(300);
/// An attempt that has not ended after this is taken as failed.
const UNDER_WAY: Duration = Duration::from_secs(40);
/// A link that stood for this long was a good one.
const STEADY: Duration = Duration::from_secs(60);
/// Attempts under way at once.
const AT_ONCE: usize = 8;
/// How long other addresses of one node are no reason again to try it at once.
const TOLD: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Attempt {
    failures: u32,
    /// When the next one may begin; while one is under way, when that is given up.
    again: Instant,
    under_way: bool,
}

/// The attempts, by node.
#[derive(Debug, Default)]
pub struct Dialler {
    attempts: BTreeMap<NodeId, Attempt>,
    /// When a node's other addresses were last a reason to try it at once.
    heard: BTreeMap<NodeId, Instant>,
}

impl Dialler {
    /// Whom of `targets` to go for now, of those that are not `linked`.
    pub fn due(
        &mut self,
        targets: Vec<(NodeId, Vec<Multiaddr>)>,
        linked: impl Fn(NodeId) -> bool,
        now: Instant,
    ) -> Vec<(NodeId, Vec<Multiaddr>)> {
        // Who is no target any more is forgotten.
        self.attempts.retain(|node, _| targets.iter().any(|(target, _)| target == node));
        self.heard.retain(|_, at| now.duration_since(*at) < TOLD);
        let mut busy = self.attempts.values().filter(|a| a.under_way && a.again > now).count();
        let mut due = Vec::new();
        for (node, addresses) in targets {
            let waits = self.attempts.get(&node).is_some_and(|a| a.again > now);
            if addresses.is_empty() || linked(node) || waits || busy >= AT_ONCE {
                continue;
            }
            busy += 1;
            let failures = self.attempts.get(&node).map_or(0, |a| a.failures + u32::from(a.under_way));
            self.attempts.insert(node, Attempt { failures, again: now + UNDER_WAY, under_way: true });
            due.push((node, addresses));
        }
        due
    }

    /// A link stands. What failed before is not forgotten yet: two copies of one folder take a peer's link from each other, and
    /// must come to rest.
    pub fn linked(&mut self, node: NodeId) {
        if let Some(attempt) = self.attempts.get_mut(&node) {
            attempt.under_way = false;
        }
    }

    /// A link that stood for so long is gone.
    pub fn closed(&mut self, node: NodeId, stood: Duration, now: Instant, random: &mut dyn Random) {
        if stood >= STEADY {
            self.attempts.remove(&node);
        }
        self.failed(node, now, random);
    }

    /// An attempt failed.
    pub fn failed(&mut self, node: NodeId, now: Instant, random: &mut dyn Random) {
        let failures = self.attempts.get(&node).map_or(0, |a| a.failures).saturating_add(1);
        let wait = FIRST.saturating_mul(1_u32 << failures.saturating_sub(1).min(16)).min(LONGEST);
        // Between half and all of it.
        let share = u32::from(u16::from_be_bytes(random::array(random)));
        let wait = wait / 2 + wait / 2 * share / u32::from(u16::MAX);
        self.attempts.insert(node, Attempt { failures, again: now + wait, under_way: false });
    }

    /// This node tells other addresses. They are tried at once, though not each time: whoever tells others without end is dialled as before.
    pub fn told(&mut self, node: NodeId, now: Instant) {
        let again = self.heard.get(&node).is_some_and(|at| now.duration_since(*at) < TOLD);
        if !again {
            self.heard.insert(node, now);
            self.fresh(node);
        }
    }

    /// There is a reason to try this node at once: its addresses changed.
    pub fn fresh(&mut self, node: NodeId) {
        self.attempts.remove(&node);
    }

    /// There is a reason to try everybody at once who waits: this machine's addresses changed, or a relay is there.
    pub fn afresh(&mut self) {
        self.attempts.retain(|_, attempt| attempt.under_way);
    }

    /// When the next attempt falls due, if any waits.
    pub fn next(&self) -> Option<Instant> {
        self.attempts.values().map(|a| a.again).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Half;
    impl Random for Half {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(0x80);
        }
    }

    fn target(n: u8) -> (NodeId, Vec<Multiaddr>) {
        (NodeId([n; 32]), vec!["/ip4/127.0.0.1/tcp/1".parse().unwrap()])
    }

    fn nobody(_: NodeId) -> bool {
        false
    }

    #[test]
    fn links_that_do_not_last_are_sought_less_and_less_often() {
        let (mut dialler, now, node) = (Dialler::default(), Instant::now(), NodeId([1; 32]));
        let mut wait = |stood| {
            dialler.due(vec![target(1)], |_| true, now);
            dialler.linked(node);
            dialler.closed(node, stood, now, &mut Half);
            dialler.next().unwrap() - now
        };
        let waits: Vec<Duration> = (0..5).map(|_| wait(Duration::from_secs(1))).collect();
        assert!(waits.windows(2).all(|w| w[0] < w[1]), "{waits:?}");
        assert_eq!(wait(STEADY), waits[0]);
    }

    #[test]
    fn waits_grow_to_a_bound_and_end_with_success() {
        let (mut dialler, mut now) = (Dialler::default(), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..14 {
            assert_eq!(dialler.due(vec![target(1)], nobody, now).len(), 1);
            assert!(dialler.due(vec![target(1)], nobody, now).is_empty(), "one attempt at a time");
            dialler.failed(NodeId([1; 32]), now, &mut Half);
            let again = dialler.next().unwrap();
            waits.push(again - now);
            now = again;
        }
        assert!(waits.windows(2).all(|w| w[0] <= w[1]), "{waits:?}");
        assert!(waits[0] >= FIRST / 2 && waits[13] <= LONGEST && waits[13] >= LONGEST / 2, "{waits:?}");
        dialler.fresh(NodeId([1; 32]));
        assert_eq!(dialler.due(vec![target(1)], nobody, now).len(), 1);
    }

    #[test]
    fn other_addresses_are_tried_at_once_but_not_each_time_that_somebody_tells_some() {
        let (mut dialler, now, node) = (Dialler::default(), Instant::now(), NodeId([1; 32]));
        let mut attempts = 0;
        for second in 0..120 {
            let now = now + Duration::from_secs(second);
            dialler.told(node, now);
            for _ in dialler.due(vec![target(1)], nobody, now) {
                attempts += 1;
                for _ in 0..12 {
                    dialler.failed(node, now, &mut Half);
                }
            }
        }
        assert_eq!(attempts, 2);
    }

    #[test]
    fn few_attempts_are_under_way_at_once() {
        let mut dialler = Dialler::default();
        assert_eq!(dialler.due((0..50).map(target).collect(), nobody, Instant::now()).len(), AT_ONCE);
    }
}
