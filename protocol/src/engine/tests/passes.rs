//! What a relay knows of passes, by what stewards publish in the coalition space.

use super::Net;
use super::threads::connected;
use crate::coalition::invite::pass::{PASSES, Published};
use crate::coalition::invite::{Invite, Relay, Terms};
use crate::codec;
use crate::ids::{OrgId, SpaceId};
use crate::limits;
use crate::random::Foretold;
use crate::time::{DAY, HOUR};

/// An invite of a host whose newcomer comes by the second one; its pass is told.
fn invited(net: &mut Net, host: usize, coalition: SpaceId, seed: u64) -> Invite {
    let relays = vec![Relay { node: net.hosts[1].node(), addresses: vec!["/ip4/203.0.113.7/tcp/4870".to_owned()] }];
    let maker = net.hosts[host].node();
    let terms = Terms { maker, coalition, hint: None, life: DAY, addresses: Vec::new(), relays };
    let now = net.now;
    let invite = net.step(host, |step| {
        let invite = Invite::make(step.draft(), terms, now, &mut Foretold::new(seed)).unwrap();
        step.publish_passes().unwrap();
        invite
    });
    net.run();
    invite
}

/// To whom it leads, by what the host knows.
fn leads(net: &mut Net, host: usize, invite: &Invite) -> Option<OrgId> {
    let host = &mut net.hosts[host];
    let found = host.engine.pass_leads(&host.store, invite.pass().name()).unwrap();
    found.map(|(leads, expires)| {
        assert_eq!(expires, invite.expires);
        leads.org
    })
}

#[test]
fn a_pass_leads_to_who_made_the_invite_at_every_member_and_still_after_a_restart() {
    let (mut net, coalition) = connected(3);
    let invite = invited(&mut net, 0, coalition, 1);
    let steward = net.hosts[0].org();
    assert_eq!(leads(&mut net, 1, &invite), Some(steward));
    net.hosts[1].restart();
    assert_eq!(leads(&mut net, 1, &invite), Some(steward));
    let host = &mut net.hosts[1];
    let (found, _) = host.engine.pass_leads(&host.store, invite.pass().name()).unwrap().unwrap();
    assert_eq!(found.nodes, [net.hosts[0].node()], "and to nobody else");
}

#[test]
fn a_pass_of_an_invite_that_was_cancelled_leads_nowhere() {
    let (mut net, coalition) = connected(3);
    let (one, other) = (invited(&mut net, 0, coalition, 1), invited(&mut net, 0, coalition, 2));
    let now = net.now;
    let cancelled = one.clone();
    net.step(0, |step| {
        cancelled.cancel(step.draft(), now).unwrap();
        step.publish_passes().unwrap();
    });
    net.run();
    assert_eq!(leads(&mut net, 1, &one), None);
    assert!(leads(&mut net, 1, &other).is_some());
}

#[test]
fn a_pass_that_is_past_its_time_is_published_no_longer() {
    let (mut net, coalition) = connected(2);
    let invite = invited(&mut net, 0, coalition, 1);
    net.now = net.now.plus(DAY + limits::INVITE_LIFE + HOUR);
    net.step(0, |step| step.publish_passes().unwrap());
    net.run();
    assert_eq!(leads(&mut net, 1, &invite), None);
}

#[test]
fn a_clock_that_was_ahead_takes_no_pass_back() {
    let (mut net, coalition) = connected(2);
    let invite = invited(&mut net, 0, coalition, 1);
    let right = net.now;
    net.now = right.plus(3 * DAY);
    net.step(0, |step| step.publish_passes().unwrap());
    net.now = right;
    net.run();
    assert_eq!(leads(&mut net, 1, &invite), Some(net.hosts[0].org()));
}

#[test]
pub fn who_may_not_admit_has_no_passes() {
    let (mut net, coalition) = connected(3);
    let invite = invited(&mut net, 2, coalition, 1);
    let register = {
        let host = &mut net.hosts[1];
        host.engine.registers(&host.store, coalition).unwrap().into_iter().find(|r| r.name == PASSES)
    };
    assert!(register.is_some_and(|r| Published::read(&r.value).open.len() == 1), "it is published, and in vain");
    assert_eq!(leads(&mut net, 1, &invite), None);
}

#[test]
fn a_pass_that_nobody_published_leads_nowhere_and_a_wild_register_says_nothing() {
    let (mut net, coalition) = connected(2);
    let invite = invited(&mut net, 0, coalition, 1);
    let wild = Published { open: vec![(invite.pass().name(), invite.expires); 65], ended: Vec::new() };
    net.step(0, |step| step.register(coalition, PASSES, &codec::encode(&wild)).unwrap());
    net.run();
    assert_eq!(leads(&mut net, 1, &invite), None);
}
