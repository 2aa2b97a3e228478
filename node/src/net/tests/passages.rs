//! Newcomers who come through a member's node.

use super::*;
use libp2p::core::upgrade::OutboundConnectionUpgrade;

fn pass(n: u8) -> Pass {
    Pass::of(&InviteSecret::from_bytes([n; 16]))
}

/// A relay that knows pass 1, and who it leads to; linked for as long as both outboxes are kept.
async fn linked(listen: &str) -> ((Peer, Outbox), (Peer, Outbox)) {
    let inviter_id = NodeKey::from_seed([2; 32]).id();
    let leads = Leads { org: OrgId([1; 32]), nodes: vec![inviter_id] };
    let mut relay = relaying(1, b"member", listen, vec![(pass(1).name(), leads)]).await;
    let mut inviter = peer(2, b"member", listen).await;
    inviter.net.link(relay.id, relay.net.addresses());
    let (.., there) = inviter.opened().await;
    let (_, node, here) = relay.opened().await;
    assert_eq!(node, inviter.id);
    ((relay, here), (inviter, there))
}

#[tokio::test]
async fn a_newcomer_with_a_pass_talks_to_who_invited_it_and_each_knows_the_others_key() {
    for transport in [TCP, QUIC] {
        let (relay, inviter) = linked(transport).await;
        let newcomer = peer(3, b"stranger", transport).await;
        let mut dialogue =
            newcomer.net.talk_through(relay.0.id, relay.0.net.addresses(), &pass(1)).await.expect("it is let through");
        assert_eq!(dialogue.peer(), inviter.0.id, "the relay is not taken for the inviter");
        dialogue.send(b"a code").await.unwrap();
        assert_eq!(dialogue.receive(1000).await.unwrap(), b"heard a code");
        dialogue.close().await;
    }
}

#[tokio::test]
async fn without_a_pass_that_the_relay_knows_nobody_is_let_through() {
    let (relay, _inviter) = linked(TCP).await;
    let newcomer = peer(3, b"stranger", TCP).await;
    let refused = newcomer.net.talk_through(relay.0.id, relay.0.net.addresses(), &pass(2)).await.unwrap_err();
    assert!(refused.message.contains("knows of no such invite"), "{refused}");
    // And a pass opens no other door: as ever, a stranger gets no link.
    let mut newcomer = newcomer;
    newcomer.net.link(relay.0.id, relay.0.net.addresses());
    assert!(matches!(newcomer.next().await, Event::Unreached { .. }));
}

#[tokio::test]
async fn who_invited_and_is_not_linked_is_said_to_be_away() {
    let leads = Leads { org: OrgId([1; 32]), nodes: vec![NodeKey::from_seed([2; 32]).id()] };
    let relay = relaying(1, b"member", TCP, vec![(pass(1).name(), leads)]).await;
    let newcomer = peer(3, b"stranger", TCP).await;
    let refused = newcomer.net.talk_through(relay.id, relay.net.addresses(), &pass(1)).await.unwrap_err();
    assert!(refused.message.contains("not on line now"), "{refused}");
}

#[tokio::test]
async fn a_node_of_the_inviters_own_organisation_answers_itself() {
    let own = NodeKey::from_seed([1; 32]).id();
    let leads = Leads { org: OrgId([1; 32]), nodes: vec![NodeKey::from_seed([2; 32]).id(), own] };
    let relay = relaying(1, b"member", TCP, vec![(pass(1).name(), leads)]).await;
    let newcomer = peer(3, b"stranger", TCP).await;
    let mut dialogue = newcomer.net.talk_through(relay.id, relay.net.addresses(), &pass(1)).await.unwrap();
    assert_eq!(dialogue.peer(), relay.id);
    dialogue.send(b"a code").await.unwrap();
    assert_eq!(dialogue.receive(1000).await.unwrap(), b"heard a code");
}

#[tokio::test]
async fn a_stranger_brings_nobody() {
    let inviter = peer(2, b"member", TCP).await;
    let stranger = peer(3, b"stranger", TCP).await;
    let (_, way) = stranger.net.shared.connect(inviter.id, inviter.net.addresses()).await.unwrap();
    let stream = stranger.net.shared.open(inviter.id, way, BROUGHT).await.unwrap();
    // Its handshake is not answered: the stream is closed.
    let proving = stranger.net.shared.proof.clone().upgrade_outbound(stream, "/noise");
    let proven = tokio::time::timeout(Duration::from_secs(20), proving).await.expect("the stream ends");
    assert!(proven.is_err(), "who is no member brings nobody");
}

#[tokio::test]
async fn few_are_let_through_at_once() {
    let (relay, _inviter) = linked(TCP).await;
    let (mut inside, mut newcomers) = (Vec::new(), Vec::new());
    for n in 0..belay_protocol::limits::PASSAGES {
        let newcomer = peer(100 + n as u8, b"stranger", TCP).await;
        // Says nothing, and holds its place.
        inside.push(newcomer.net.talk_through(relay.0.id, relay.0.net.addresses(), &pass(1)).await.expect("a place"));
        newcomers.push(newcomer);
    }
    let late = peer(99, b"stranger", TCP).await;
    let refused = late.net.talk_through(relay.0.id, relay.0.net.addresses(), &pass(1)).await.unwrap_err();
    assert!(refused.message.contains("lets others through"), "{refused}");
}
