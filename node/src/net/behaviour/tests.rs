//! What libp2p is told to allow, asked of libp2p itself: one of its bounds is that of who may still ask, and not of what it gives.

use super::{PER_PEER, bounds, identity, relaying};
use belay_protocol::keys::NodeKey;
use belay_protocol::limits;
use futures::StreamExt;
use libp2p::connection_limits;
use libp2p::core::ConnectedPoint;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::ConnectionEstablished;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, FromSwarm, NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, noise, relay, tcp, yamux};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Longer than any of these tests.
const IDLE: Duration = Duration::from_secs(600);

type Client = Swarm<relay::client::Behaviour>;
type Orders = mpsc::Sender<(Multiaddr, oneshot::Sender<bool>)>;

fn come(known: &mut connection_limits::Behaviour, number: u32, peer_id: PeerId) -> bool {
    let (connection_id, here) = (ConnectionId::new_unchecked(number as usize), Multiaddr::empty());
    if known.handle_established_inbound_connection(connection_id, peer_id, &here, &here).is_err() {
        return false;
    }
    let endpoint = &ConnectedPoint::Listener { local_addr: here.clone(), send_back_addr: here };
    let (failed_addresses, other_established): (&[Multiaddr], _) = (&[], 0);
    let come = ConnectionEstablished { peer_id, connection_id, endpoint, failed_addresses, other_established };
    known.on_swarm_event(FromSwarm::ConnectionEstablished(come));
    true
}

#[test]
fn connections_are_bounded_in_all_and_fewer_with_one_peer() {
    let (mut known, one) = (connection_limits::Behaviour::new(bounds()), PeerId::random());
    assert!((0..PER_PEER).all(|n| come(&mut known, n, one)));
    assert!(!come(&mut known, PER_PEER, one));
    assert!((PER_PEER..limits::CONNECTIONS).all(|n| come(&mut known, n, PeerId::random())));
    assert!(!come(&mut known, limits::CONNECTIONS, PeerId::random()));
}

fn client(seed: u8) -> Client {
    SwarmBuilder::with_existing_identity(identity::keypair(&NodeKey::from_seed([seed; 32])).unwrap())
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_relay_client(noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_, client| client)
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
        .build()
}

/// A relay as every node is one, and its address.
async fn relay() -> Multiaddr {
    let mut swarm = SwarmBuilder::with_existing_identity(identity::keypair(&NodeKey::from_seed([1; 32])).unwrap())
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| relay::Behaviour::new(key.public().to_peer_id(), relaying()))
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
        .build();
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            break address;
        }
    };
    swarm.add_external_address(address.clone());
    let address = address.with(Protocol::P2p(*swarm.local_peer_id()));
    tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    });
    address
}

/// Asks for a place at the relay: whether it got one.
async fn place(swarm: &mut Client, relay: &Multiaddr) -> bool {
    swarm.listen_on(relay.clone().with(Protocol::P2pCircuit)).unwrap();
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::Behaviour(relay::client::Event::ReservationReqAccepted { .. }) => return true,
            SwarmEvent::ListenerClosed { .. } => return false,
            _ => {}
        }
    }
}

/// Goes on by itself, and to whom it is told; it says whether it came there.
fn run(mut swarm: Client) -> Orders {
    let (orders, mut ordered): (Orders, _) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut asked = HashMap::new();
        loop {
            tokio::select! {
                Some((to, reply)) = ordered.recv() => {
                    let dial = DialOpts::unknown_peer_id().address(to).build();
                    asked.insert(dial.connection_id(), reply);
                    swarm.dial(dial).unwrap();
                }
                event = swarm.select_next_some() => {
                    let (id, came) = match event {
                        SwarmEvent::ConnectionEstablished { connection_id, .. } => (connection_id, true),
                        SwarmEvent::OutgoingConnectionError { connection_id, .. } => (connection_id, false),
                        _ => continue,
                    };
                    if let Some(reply) = asked.remove(&id) {
                        let _ = reply.send(came);
                    }
                }
            }
        }
    });
    orders
}

async fn goes(who: &Orders, to: &Multiaddr) -> bool {
    let (reply, came) = oneshot::channel();
    who.send((to.clone(), reply)).await.unwrap();
    came.await.unwrap()
}

#[tokio::test]
async fn who_has_its_share_of_a_relays_circuits_at_either_end_gets_no_more() {
    let relay = relay().await;
    let (mut far, mut near) = (client(2), client(3));
    assert!(place(&mut far, &relay).await && place(&mut near, &relay).await);
    let to = |swarm: &Client| relay.clone().with(Protocol::P2pCircuit).with(Protocol::P2p(*swarm.local_peer_id()));
    let (to_far, to_near) = (to(&far), to(&near));
    let (_far, near, third) = (run(far), run(near), run(client(4)));
    // Some that it is at the end of, and some that it asked for: fewer of each than may be asked for in a row.
    for _ in 0..limits::RELAY_CIRCUITS_PER_NODE / 2 {
        assert!(goes(&third, &to_near).await);
    }
    for _ in limits::RELAY_CIRCUITS_PER_NODE / 2..limits::RELAY_CIRCUITS_PER_NODE {
        assert!(goes(&near, &to_far).await);
    }
    assert!(!goes(&near, &to_far).await, "it would be one more");
    assert!(goes(&third, &to_far).await, "others have theirs");
}

#[tokio::test]
async fn a_relay_keeps_few_places_for_one_node() {
    let relay = relay().await;
    let mut held = Vec::new();
    for _ in 0..limits::RELAY_PLACES_PER_NODE {
        let mut one = client(2);
        assert!(place(&mut one, &relay).await);
        held.push(one);
    }
    assert!(!place(&mut client(2), &relay).await, "it would be one more");
    assert!(place(&mut client(3), &relay).await);
}
