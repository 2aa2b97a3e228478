//! Asks members whether this node is reached at an address (AutoNAT v2), each for itself.
//!
//! libp2p's own client asks some member about each address, and takes that one's word. Where no answer comes it says nothing and asks the same
//! one again and again; where the answer was no, it asks that one never again while a connection to it stands. Here this node chooses who is
//! asked, gives up by a deadline, and may ask anew. (What is answered is `probe`, libp2p's server.)

mod asking;
mod talk;

pub use asking::{Answer, open};
pub use talk::BACK;

use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use libp2p::Multiaddr;
use libp2p::swarm::ConnectionId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_millis(limits::PROBE_MILLIS);
/// How long it is waited, once a stream broke, whether its connection did: then nothing was shown.
const BROKEN: Duration = Duration::from_secs(1);

/// Who was asked, and for which address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub node: NodeId,
    pub org: OrgId,
    pub connection: ConnectionId,
    pub address: Multiaddr,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Reached,
    /// It did not come, as it says itself or as its nonce shows that did not come back.
    Vain,
    /// It gave no answer in its time.
    Silent,
    /// It takes no question: no stream to ask on could be opened.
    Unasked,
    /// The link over which it was asked is gone, which shows nothing.
    Gone,
}

#[derive(Debug)]
struct Asked {
    ask: Ask,
    since: Instant,
    /// Whether its nonce came back.
    came: bool,
    /// Since when its stream is broken, or could not be opened, and what that shows where its connection stands.
    broken: Option<(Instant, Outcome)>,
}

/// Who was asked and has not answered, by nonce.
#[derive(Debug, Default)]
pub struct Inquiry {
    asked: BTreeMap<u64, Asked>,
}

impl Inquiry {
    /// Somebody is asked now.
    pub fn asks(&mut self, nonce: u64, ask: Ask, now: Instant) {
        self.asked.insert(nonce, Asked { ask, since: now, came: false, broken: None });
    }

    /// A node came with a nonce, by a direct connection that it opened itself at that time, if it did. Whether it was asked to, before that: who says
    /// its nonce on a connection that was there came nowhere.
    pub fn came(&mut self, node: NodeId, nonce: u64, opened: Option<Instant>) -> bool {
        let fits = |asked: &Asked| asked.ask.node == node && opened.is_some_and(|opened| opened >= asked.since);
        let asked = self.asked.get_mut(&nonce).filter(|asked| fits(asked));
        asked.map(|asked| asked.came = true).is_some()
    }

    /// What came of one ask, if that ends it.
    pub fn answered(&mut self, nonce: u64, answer: Answer, now: Instant) -> Option<(Ask, Outcome)> {
        let asked = self.asked.get_mut(&nonce)?;
        let outcome = match answer {
            Answer::Came if asked.came => Outcome::Reached,
            Answer::Came | Answer::CameNot => Outcome::Vain,
            Answer::Unasked | Answer::None => {
                let shows = if answer == Answer::None { Outcome::Silent } else { Outcome::Unasked };
                asked.broken.get_or_insert((now, shows));
                return None;
            }
        };
        self.asked.remove(&nonce).map(|asked| (asked.ask, outcome))
    }

    /// Those who had their time and gave no answer.
    pub fn due(&mut self, now: Instant) -> Vec<(Ask, Outcome)> {
        let over = |asked: &Asked| {
            let broken = asked.broken.is_some_and(|(since, _)| now.duration_since(since) >= BROKEN);
            broken || now.duration_since(asked.since) >= PATIENCE
        };
        let due = self.asked.extract_if(.., |_, asked| over(asked));
        due.map(|(_, asked)| (asked.ask, asked.broken.map_or(Outcome::Silent, |(_, shows)| shows))).collect()
    }

    /// A connection is gone: no answer comes over it, which shows nothing.
    pub fn closed(&mut self, connection: ConnectionId) -> Vec<(Ask, Outcome)> {
        self.end(|ask| ask.connection == connection)
    }

    /// The last link to a node is gone: nothing is asked of it any more.
    pub fn left(&mut self, node: NodeId) -> Vec<(Ask, Outcome)> {
        self.end(|ask| ask.node == node)
    }

    fn end(&mut self, which: impl Fn(&Ask) -> bool) -> Vec<(Ask, Outcome)> {
        let ended = self.asked.extract_if(.., |_, asked| which(&asked.ask));
        ended.map(|(_, asked)| (asked.ask, Outcome::Gone)).collect()
    }
}

#[cfg(test)]
mod tests;
