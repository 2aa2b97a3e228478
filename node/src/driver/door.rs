//! Who is let in: asks the engine, on the driver's thread.

use super::{Call, Core, call};
use crate::net::{Dialogue, Door, Refused};
use belay_protocol::coalition::handshake::admission::Reason;
use belay_protocol::coalition::invite::pass::{Leads, NoPassage, PassName};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::mpsc;

/// Frames of one conversation about an invite. A claim, a question and the pages of a roster are few.
const FRAMES: usize = 64;
/// Bytes of one request of a stranger: two certificates with hybrid prekeys and their cards.
const REQUEST_BYTES: usize = 16 * 1024;

/// The node's own door.
pub struct Doorkeeper {
    calls: mpsc::Sender<Call>,
    members: Members,
}

/// The nodes of the roster with whose they are, as the driver's thread last saw them.
pub type Members = Arc<RwLock<BTreeMap<NodeId, OrgId>>>;

impl Doorkeeper {
    pub const fn new(calls: mpsc::Sender<Call>, members: Members) -> Self {
        Self { calls, members }
    }
}

impl Door for Doorkeeper {
    fn knows(&self, peer: NodeId) -> Option<OrgId> {
        self.members.read().unwrap_or_else(PoisonError::into_inner).get(&peer).copied()
    }

    fn others(&self, own: NodeId) -> BTreeSet<OrgId> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        let ours = members.get(&own);
        members.values().filter(|org| Some(*org) != ours).copied().collect()
    }

    fn greeting(&self, peer: NodeId) -> BoxFuture<'_, Result<Vec<u8>>> {
        async move { call(&self.calls, move |core| core.query(|engine, store| engine.admission(store, peer))).await? }
            .boxed()
    }

    fn admit(
        &self,
        peer: NodeId,
        greeting: Vec<u8>,
        caller: bool,
    ) -> BoxFuture<'_, std::result::Result<OrgId, Refused>> {
        async move { call(&self.calls, move |core| admit(core, peer, &greeting, caller)).await? }.boxed()
    }

    fn welcome(&self, mut dialogue: Dialogue) -> BoxFuture<'_, ()> {
        async move {
            for _ in 0..FRAMES {
                let peer = dialogue.peer();
                let Ok(frame) = dialogue.receive(REQUEST_BYTES).await else { break };
                let answer = call(&self.calls, move |core| core.invited(peer, &frame)).await;
                let sent = match answer.and_then(|answer| answer) {
                    Ok(answer) => dialogue.send(&answer).await,
                    Err(fault) => Err(fault),
                };
                if let Err(fault) = sent {
                    tracing::debug!(node = %peer.short(), why = %fault.message, "a conversation about an invite ended");
                    break;
                }
            }
            dialogue.close().await;
        }
        .boxed()
    }

    fn leads(&self, newcomer: NodeId, pass: PassName) -> BoxFuture<'_, Result<std::result::Result<Leads, NoPassage>>> {
        async move { call(&self.calls, move |core| core.leads(newcomer, pass)).await? }.boxed()
    }
}

fn admit(core: &mut Core, peer: NodeId, greeting: &[u8], caller: bool) -> std::result::Result<OrgId, Refused> {
    let judged = core.query(|engine, store| engine.admits(store, peer, greeting))?;
    let denial = match judged {
        Ok(admitted) if core.avoids(peer, admitted.org) => {
            let why = format!("a node of organisation {} that no roster has broke a rule", admitted.org.short());
            return Err(Refused { answer: None, fault: Fault::not_permitted(why) });
        }
        Ok(admitted) if core.has_room_for(peer, admitted.org) => return Ok(admitted.org),
        Ok(admitted) => {
            let most = limits::NODES_LINKED;
            let why =
                format!("organisation {} is linked with {most} nodes, and that is all it gets", admitted.org.short());
            return Err(Refused { answer: None, fault: Fault::not_permitted(why) });
        }
        Err(denial) => denial,
    };
    if denial.by_peer {
        // A denial only answers an admission of ours; who called us has nothing to deny.
        if !caller {
            return Err(Refused { answer: None, fault: denial.fault() });
        }
        if denial.reason == Reason::Retired {
            core.told_retired(peer);
        }
        // Its word that we were removed is the revocation itself, which stands on its signature.
        for notice in denial.notices.clone() {
            core.write(|step, _| step.take_removal(notice)).or_else(tolerate)?;
        }
        return Err(Refused { answer: None, fault: denial.fault() });
    }
    let answer = core.query(|engine, store| engine.denial(store, &denial))?;
    Err(Refused { answer: Some(answer), fault: denial.fault() })
}

/// What a peer sent and is not true costs it nothing more than that; our own failures go on.
fn tolerate(fault: Fault) -> Result<()> {
    use belay_protocol::fault::Class;
    if matches!(fault.class, Class::Store | Class::Bug) { Err(fault) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisations_own_other_machines_are_no_other_organisation() {
        let [own, second, theirs] = [1, 2, 3].map(|n| NodeId([n; 32]));
        let (ours, other) = (OrgId([1; 32]), OrgId([2; 32]));
        let members = BTreeMap::from([(own, ours), (second, ours), (theirs, other)]);
        let door = Doorkeeper::new(mpsc::channel(1).0, Arc::new(RwLock::new(members)));
        assert_eq!(door.others(own), BTreeSet::from([other]));
        assert_eq!(
            door.others(NodeId([9; 32])),
            BTreeSet::from([ours, other]),
            "who is in no roster has none of its own"
        );
    }
}
