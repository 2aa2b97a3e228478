use super::*;
use belay_protocol::coalition::invite::InviteSecret;
use belay_protocol::coalition::invite::pass::{Leads, NoPassage, PassName};
use belay_protocol::sync::wire::Frame;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Admits who greets with the right word.
#[derive(Default)]
struct Word {
    says: Vec<u8>,
    knows: Vec<(NodeId, OrgId)>,
    heard: Mutex<Vec<Vec<u8>>>,
    leads: Vec<(PassName, Leads)>,
}

impl Door for Word {
    fn knows(&self, peer: NodeId) -> Option<OrgId> {
        self.knows.iter().find(|(node, _)| *node == peer).map(|(_, org)| *org)
    }

    fn others(&self, own: NodeId) -> BTreeSet<OrgId> {
        let ours = self.knows(own);
        self.knows.iter().map(|(_, org)| *org).filter(|org| Some(*org) != ours).collect()
    }

    fn greeting(&self, _peer: NodeId) -> BoxFuture<'_, Result<Vec<u8>>> {
        async { Ok(self.says.clone()) }.boxed()
    }

    fn admit(
        &self,
        _peer: NodeId,
        greeting: Vec<u8>,
        _caller: bool,
    ) -> BoxFuture<'_, std::result::Result<OrgId, Refused>> {
        async move {
            match greeting.as_slice() {
                b"member" => Ok(OrgId([1; 32])),
                b"liar" => Err(Fault::misbehaved("liar").into()),
                b"no" => Err(Fault::not_permitted("denied").into()),
                _ => Err(Refused { answer: Some(b"no".to_vec()), fault: Fault::not_permitted("stranger") }),
            }
        }
        .boxed()
    }

    fn welcome(&self, mut dialogue: Dialogue) -> BoxFuture<'_, ()> {
        async move {
            if let Ok(frame) = dialogue.receive(1000).await {
                let _ = dialogue.send(&[b"heard ", frame.as_slice()].concat()).await;
                self.heard.lock().unwrap().push(frame);
            }
            dialogue.close().await;
        }
        .boxed()
    }

    fn leads(&self, _newcomer: NodeId, pass: PassName) -> BoxFuture<'_, Result<std::result::Result<Leads, NoPassage>>> {
        let found = self.leads.iter().find(|(name, _)| *name == pass).map(|(_, leads)| leads.clone());
        async { Ok(found.ok_or(NoPassage::Unknown)) }.boxed()
    }
}

/// Seed of a node that every door knows.
const MEMBER: u8 = 250;
/// Seeds of the many nodes of another organisation that every door knows.
const CROWD: std::ops::Range<u8> = 200..220;

struct Peer {
    id: NodeId,
    net: Net,
    events: mpsc::Receiver<Event>,
}

async fn peer(seed: u8, says: &[u8], listen: &str) -> Peer {
    relaying(seed, says, listen, Vec::new()).await
}

/// One that knows these passes.
async fn relaying(seed: u8, says: &[u8], listen: &str, leads: Vec<(PassName, Leads)>) -> Peer {
    let key = NodeKey::from_seed([seed; 32]);
    let (sender, events) = mpsc::channel(8);
    let of = |seed: u8, org: u8| (NodeKey::from_seed([seed; 32]).id(), OrgId([org; 32]));
    let knows = CROWD.map(|seed| of(seed, 2)).chain([of(MEMBER, 1)]).collect();
    let door = Word { says: says.to_vec(), knows, leads, ..Word::default() };
    let net = start(&key, (&[address::parse(listen).unwrap()], &[]), Arc::new(door), sender).await.unwrap();
    Peer { id: key.id(), net, events }
}

impl Peer {
    async fn next(&mut self) -> Event {
        loop {
            let event = tokio::time::timeout(Duration::from_secs(20), self.events.recv()).await;
            match event.expect("an event in time").expect("the network runs") {
                Event::Located(_) | Event::Moved | Event::Relay { .. } => {}
                event => return event,
            }
        }
    }

    async fn opened(&mut self) -> (u64, NodeId, Outbox) {
        match self.next().await {
            Event::Opened { link, node, outbox, .. } => (link, node, outbox),
            other => panic!("{other:?}"),
        }
    }
}

mod links;
mod passages;

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// A frame that holds these bytes.
fn told(bytes: &[u8]) -> Vec<u8> {
    Frame::Parcel(bytes.to_vec()).encode()
}

#[tokio::test]
async fn admitted_peers_exchange_frames_over_tcp_and_quic() {
    for transport in [TCP, QUIC] {
        let (mut a, mut b) = (peer(1, b"member", transport).await, peer(2, b"member", transport).await);
        assert!(!b.net.addresses()[0].to_string().contains("/0"), "the real port is told");
        a.net.link(b.id, b.net.addresses());
        let (_, node, out_a) = a.opened().await;
        assert_eq!(node, b.id);
        let (link_b, node, out_b) = b.opened().await;
        assert_eq!(node, a.id);
        let (first, large) = (told(b"first"), told(&[7; belay_protocol::limits::FRAME_BYTES - 8]));
        out_a.send(first.clone()).unwrap();
        out_a.send(large.clone()).unwrap();
        for expected in [first, large].map(|bytes| Checked::of(&bytes)) {
            assert!(matches!(b.next().await, Event::Frame { link, frame, .. } if link == link_b && frame == expected));
        }
        let last = told(b"last words");
        out_b.send(last.clone()).unwrap();
        drop(out_b);
        assert!(matches!(a.next().await, Event::Frame { frame, .. } if frame == Checked::of(&last)));
        assert!(matches!(a.next().await, Event::Closed { .. }));
        assert!(matches!(b.next().await, Event::Closed { .. }));
        drop(out_a);
        assert!(a.net.traffic().sent() > belay_protocol::limits::FRAME_BYTES as u64);
    }
}

#[tokio::test]
async fn a_stranger_gets_no_link_but_may_talk_about_an_invite() {
    let (mut a, mut b) = (peer(1, b"stranger", TCP).await, peer(2, b"member", TCP).await);
    a.net.link(b.id, b.net.addresses());
    // The member answers with a denial and nothing of itself.
    assert!(matches!(a.next().await, Event::Unreached { node, why } if node == b.id && why == "denied"));
    let mut dialogue = a.net.talk(Some(b.id), b.net.addresses()).await.unwrap();
    dialogue.send(b"a code").await.unwrap();
    assert_eq!(dialogue.receive(1000).await.unwrap(), b"heard a code");
    let mut anybody = a.net.talk(None, b.net.addresses()).await.unwrap();
    assert_eq!(anybody.peer(), b.id);
    anybody.send(b"code").await.unwrap();
    anybody.receive(1000).await.unwrap();
    while let Ok(event) = b.events.try_recv() {
        assert!(matches!(event, Event::Located(_) | Event::Moved), "a stranger reached the node: {event:?}");
    }
}

#[tokio::test]
async fn who_breaks_a_rule_at_the_door_is_kept_out() {
    let (mut a, mut b) = (peer(1, b"liar", TCP).await, peer(2, b"member", TCP).await);
    a.net.link(b.id, b.net.addresses());
    assert!(matches!(a.next().await, Event::Unreached { .. }));
    let mut refused = false;
    for _ in 0..20 {
        refused = match a.net.talk(Some(b.id), b.net.addresses()).await {
            Ok(mut dialogue) => dialogue.send(b"x").await.is_err() || dialogue.receive(1000).await.is_err(),
            Err(_) => true,
        };
        if refused {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(refused);
    assert!(!matches!(b.events.try_recv(), Ok(Event::Opened { .. })));
}

#[tokio::test]
async fn a_frame_over_the_bound_closes_the_link() {
    let (mut a, mut b) = (peer(1, b"member", TCP).await, peer(2, b"member", TCP).await);
    a.net.link(b.id, b.net.addresses());
    let (.., out) = a.opened().await;
    let _open = b.opened().await;
    out.send(vec![0; belay_protocol::limits::FRAME_BYTES + 1]).unwrap();
    assert!(matches!(b.next().await, Event::Closed { why, .. } if why.contains("at most")));
    assert!(matches!(a.next().await, Event::Closed { .. }));
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_closed_and_not_buffered_without_end() {
    let (mut a, mut b) = (peer(1, b"member", TCP).await, peer(2, b"member", TCP).await);
    a.net.link(b.id, b.net.addresses());
    let (.., out) = a.opened().await;
    let _open = b.opened().await;
    // Nobody takes events at b from here on.
    let frame = vec![0; belay_protocol::limits::FRAME_BYTES];
    let sent = (0..400).take_while(|_| out.send(frame.clone()).is_ok()).count();
    assert!(sent * frame.len() <= 17 * 1024 * 1024, "{sent} frames were queued");
}

#[tokio::test]
async fn nobody_there_and_a_port_taken_are_told() {
    let (mut a, b) = (peer(1, b"member", TCP).await, peer(2, b"member", TCP).await);
    let (key, gone) = (NodeKey::from_seed([3; 32]), b.net.addresses());
    let fault = start(&key, (&gone, &[]), Arc::new(Word::default()), mpsc::channel(8).0).await.unwrap_err();
    assert!(fault.message.contains("another program listens there"), "{fault}");
    b.net.stop().await;
    a.net.link(b.id, gone);
    assert!(matches!(a.next().await, Event::Unreached { node, why } if node == b.id && why.contains("nobody answers")));
}

#[tokio::test]
async fn strangers_are_few_and_live_for_seconds() {
    let slots = belay_protocol::limits::ADMISSION_SLOTS as usize;
    let b = peer(2, b"member", TCP).await;
    let (mut strangers, mut talks) = (Vec::new(), Vec::new());
    for n in 0..slots + 4 {
        let stranger = peer(100 + n as u8, b"stranger", TCP).await;
        // Says nothing, and holds its place.
        talks.push(stranger.net.talk(Some(b.id), b.net.addresses()).await);
        strangers.push(stranger);
    }
    let mut late = Vec::new();
    for talk in talks.drain(slots..) {
        late.push(match talk {
            Ok(mut dialogue) => dialogue.send(b"code").await.is_err() || dialogue.receive(1000).await.is_err(),
            Err(_) => true,
        });
    }
    assert!(late.iter().all(|refused| *refused), "more than {slots} strangers were heard: {late:?}");
    // A node of the roster comes in all the same.
    let mut member = peer(MEMBER, b"member", TCP).await;
    member.net.link(b.id, b.net.addresses());
    let _open = member.opened().await;
    // Who was there first is shown out as well, and then there is room again.
    tokio::time::sleep(Duration::from_millis(belay_protocol::limits::ADMISSION_MILLIS + 2_500)).await;
    for talk in talks {
        let mut dialogue = talk.expect("the first ones were let in");
        assert!(dialogue.send(b"code").await.is_err() || dialogue.receive(1000).await.is_err(), "still there");
    }
    let mut again = strangers[0].net.talk(Some(b.id), b.net.addresses()).await.unwrap();
    again.send(b"code").await.unwrap();
    assert_eq!(again.receive(1000).await.unwrap(), b"heard code");
}

#[tokio::test]
async fn an_organisation_with_many_nodes_leaves_places_for_the_others() {
    let most = belay_protocol::limits::NODES_LINKED;
    let b = peer(2, b"member", TCP).await;
    let mut crowd = Vec::new();
    for seed in CROWD.take(most) {
        let mut one = peer(seed, b"member", TCP).await;
        one.net.link(b.id, b.net.addresses());
        let _open = one.opened().await;
        crowd.push(one);
    }
    for seed in CROWD.skip(most) {
        let one = peer(seed, b"member", TCP).await;
        let refused = match one.net.talk(Some(b.id), b.net.addresses()).await {
            Ok(mut dialogue) => dialogue.send(b"code").await.is_err() || dialogue.receive(1000).await.is_err(),
            Err(_) => true,
        };
        assert!(refused, "node {seed} is one too many");
    }
    let mut member = peer(MEMBER, b"member", TCP).await;
    member.net.link(b.id, b.net.addresses());
    let _open = member.opened().await;
}

#[tokio::test]
async fn before_its_admission_a_peer_is_told_of_no_other_protocol() {
    use futures::StreamExt;
    use libp2p::swarm::{StreamUpgradeError, SwarmEvent};
    use libp2p::{SwarmBuilder, identify, noise, tcp, yamux};
    let b = peer(2, b"member", TCP).await;
    let mut stranger = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| identify::Behaviour::new(identify::Config::new("/belay/1".to_owned(), key.public())))
        .unwrap()
        .build();
    stranger.dial(b.net.addresses()[0].clone()).unwrap();
    let asked = async {
        loop {
            match stranger.select_next_some().await {
                SwarmEvent::Behaviour(identify::Event::Error { error, .. }) => return error,
                SwarmEvent::Behaviour(told @ identify::Event::Received { .. }) => {
                    panic!("a stranger was told: {told:?}")
                }
                _ => {}
            }
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(20), asked).await.unwrap();
    assert!(matches!(refused, StreamUpgradeError::NegotiationFailed), "{refused:?}");
}
