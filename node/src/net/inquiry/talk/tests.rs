//! Asked of libp2p's own side of who is asked, over real sockets, and of some that do not keep to the rules.

use super::*;
use crate::net::identity;
use crate::net::streams::{Incoming, Streams};
use belay_protocol::keys::NodeKey;
use futures::StreamExt;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Stream, Swarm, SwarmBuilder, autonat, noise, tcp, yamux};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::compat::TokioAsyncReadCompatExt;

const NONCE_OF_OURS: u64 = 7;

async fn listening<B: NetworkBehaviour>(seed: u8, behaviour: B) -> (Swarm<B>, Multiaddr) {
    let mut swarm = SwarmBuilder::with_existing_identity(identity::keypair(&NodeKey::from_seed([seed; 32])).unwrap())
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| behaviour)
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build();
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
    loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            return (swarm, address);
        }
    }
}

/// Who asks.
struct Asker {
    /// To somebody who may be asked.
    stream: Stream,
    address: Multiaddr,
    came: mpsc::Receiver<Incoming>,
}

async fn asker(seed: u8) -> Asker {
    let (mut server, there) = listening(seed + 100, autonat::v2::server::Behaviour::default()).await;
    tokio::spawn(async move {
        loop {
            server.select_next_some().await;
        }
    });
    let (sender, came) = mpsc::channel(4);
    let (mut swarm, address) = listening(seed, Streams::new(vec![BACK], sender)).await;
    swarm.dial(there).unwrap();
    let (reply, opened) = oneshot::channel();
    let mut reply = Some(reply);
    tokio::spawn(async move {
        loop {
            let event = swarm.select_next_some().await;
            if let SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } = event
                && endpoint.is_dialer()
                && let Some(reply) = reply.take()
            {
                swarm.behaviour_mut().open(peer_id, connection_id, REQUEST, reply);
            }
        }
    });
    Asker { stream: opened.await.unwrap(), address, came }
}

#[tokio::test]
async fn who_is_asked_comes_to_the_address_with_the_nonce() {
    let Asker { mut stream, address, mut came } = asker(1).await;
    let comes = async {
        let mut back = came.recv().await.unwrap().stream;
        assert_eq!(nonce(&mut back).await.unwrap(), NONCE_OF_OURS);
        heard(&mut back).await.unwrap();
    };
    let (reached, ()) = tokio::join!(ask(&mut stream, &address, NONCE_OF_OURS), comes);
    assert!(reached.unwrap());
}

#[tokio::test]
async fn who_finds_nobody_at_the_address_says_so() {
    let Asker { mut stream, .. } = asker(2).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    assert!(!ask(&mut stream, &nobody, NONCE_OF_OURS).await.unwrap());
}

#[tokio::test]
async fn of_an_address_that_swallows_what_comes_no_answer_is_given() {
    let Asker { mut stream, .. } = asker(3).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("/ip4/127.0.0.1/tcp/{}", silent.local_addr().unwrap().port()).parse().unwrap();
    let asked = tokio::time::timeout(super::super::PATIENCE, ask(&mut stream, &address, NONCE_OF_OURS)).await;
    assert!(!matches!(asked, Ok(Ok(_))), "{asked:?}");
}

/// What comes of an ask that is answered with this.
async fn answered(with: &Message) -> Result<bool> {
    let (here, there) = tokio::io::duplex(256 * 1024);
    let (mut here, mut there) = (here.compat(), there.compat());
    send(&mut there, with).await.unwrap();
    drop(there.close().await);
    ask(&mut here, &"/ip4/198.18.0.7/tcp/4870".parse().unwrap(), NONCE_OF_OURS).await
}

fn response(status: i32, address: u32, dialled: i32) -> Message {
    Message { response: Some(Response { status, address, dialled }), ..Message::default() }
}

#[tokio::test]
async fn an_answer_counts_where_it_is_one_to_what_was_asked() {
    assert!(answered(&response(OK, 0, OK)).await.unwrap());
    assert!(!answered(&response(OK, 0, DIAL_ERROR)).await.unwrap());
    for (status, address, dialled) in [(100, 0, 0), (OK, 1, OK), (OK, 0, 0), (0, 0, OK)] {
        assert!(answered(&response(status, address, dialled)).await.is_err(), "{status} {address} {dialled}");
    }
    assert!(answered(&Message::default()).await.is_err());
}

#[tokio::test]
async fn who_wants_more_than_it_may_gets_none() {
    for (address, bytes) in [(0, 29_999), (0, 100_001), (0, u64::MAX), (1, 50_000)] {
        let wants = Message { wants: Some(Wants { address, bytes }), ..Message::default() };
        let refused = answered(&wants).await.unwrap_err();
        assert!(refused.to_string().contains("were wanted"), "{refused}");
    }
}

#[tokio::test]
async fn a_message_longer_than_any_is_refused_before_it_comes() {
    for prefix in [&[0x89, 0x20][..], &[0xff, 0xff, 0x01][..]] {
        let refused = read::<Message>(&mut futures::io::Cursor::new(prefix.to_vec()), MESSAGE).await.unwrap_err();
        assert!(refused.to_string().contains("more than"), "{refused}");
    }
}
