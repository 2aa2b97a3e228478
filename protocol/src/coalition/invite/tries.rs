//! Wrong tries, by peer. Kept in memory: a restart forgives, and the secret has 128 bits anyway.

use super::Refusal;
use crate::ids::NodeId;
use crate::limits;
use crate::time::{HOUR, Time};
use std::collections::BTreeMap;

/// How often each peer came with a wrong code, and since when it is quiet.
#[derive(Debug, Default)]
pub struct Tries {
    peers: BTreeMap<NodeId, (usize, Time)>,
}

impl Tries {
    /// Whether this peer is refused for now: [`limits::INVITE_TRIES`] wrong tries, the last within the hour.
    #[must_use]
    pub fn refuses(&self, peer: NodeId, now: Time) -> bool {
        self.peers.get(&peer).is_some_and(|(count, last)| *count >= limits::INVITE_TRIES && now.since(*last) < HOUR)
    }

    /// Notes how a try ended.
    pub(crate) fn note(&mut self, peer: NodeId, refusal: Option<Refusal>, now: Time) {
        match refusal {
            None => {
                self.peers.remove(&peer);
            }
            Some(refusal) if refusal.is_wrong_try() => {
                let (count, last) = self.peers.get(&peer).copied().unwrap_or((0, now));
                let count = if now.since(last) < HOUR { count.saturating_add(1) } else { 1 };
                self.peers.insert(peer, (count, now));
                if self.peers.len() > limits::INVITE_TRIES_PEERS {
                    let quietest = self.peers.iter().min_by_key(|(_, (_, last))| *last).map(|(peer, _)| *peer);
                    quietest.and_then(|peer| self.peers.remove(&peer));
                }
            }
            Some(_) => {}
        }
    }
}
