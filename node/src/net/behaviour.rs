//! The parts of libp2p that a node runs, and their settings.

use super::doors::Doors;
use super::gate::Gate;
use super::identity;
use super::inquiry;
use super::link::Shared;
use super::muxer::Muxing;
use super::probe::Probe;
use super::streams::{Incoming, Streams};
use super::{BROUGHT, INVITE, PASS, SYNC};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::keys::NodeKey;
use belay_protocol::limits;
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::{Swarm, SwarmBuilder, dcutr, identify, noise, ping, relay, tcp};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How often a connection is asked whether it lives, and how long an answer may take.
const PING: Duration = Duration::from_secs(10);
/// Connections that this node dials at once.
const PENDING: u32 = 64;
/// Streams of one connection that came and did not say yet what is to be spoken on them.
const UNSAID: usize = 16;
/// Connections to one peer: one through a relay, two that were dialled at once, one that is dying, and a probe's.
const PER_PEER: u32 = 6;
/// Requests of one member that a relay takes without a pause, and the time in which one more is allowed after that.
const ASKS: (u32, Duration) = (30, Duration::from_secs(4));

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    pub doors: Doors,
    limits: connection_limits::Behaviour,
    ping: ping::Behaviour,
    pub streams: Streams,
    pub mesh: Gate<Mesh>,
}

/// What members do for each other, behind the gate.
#[derive(NetworkBehaviour)]
pub struct Mesh {
    pub identify: identify::Behaviour,
    pub relay: relay::Behaviour,
    client: relay::client::Behaviour,
    dcutr: dcutr::Behaviour,
    probe: Probe,
    pub inquiry: Streams,
}

impl Mesh {
    fn new(key: &Keypair, client: relay::client::Behaviour, backs: mpsc::Sender<Incoming>) -> Self {
        let own = key.public().to_peer_id();
        // Addresses are registers, signed: none is believed that comes this way, and none but those for all members is told.
        let identify = identify::Config::new("/belay/1".to_owned(), key.public())
            .with_agent_version("belay".to_owned())
            .with_cache_size(0)
            .with_hide_listen_addrs(true);
        Self {
            identify: identify::Behaviour::new(identify),
            relay: relay::Behaviour::new(own, relaying()),
            client,
            dcutr: dcutr::Behaviour::new(own),
            probe: Probe::default(),
            inquiry: Streams::new(vec![inquiry::BACK], backs),
        }
    }
}

/// What a relay gives. A circuit that reaches its bound breaks, and its two ends go on from their bookmarks over the next one. Of one peer
/// libp2p refuses what comes above its bound, not what comes at it.
fn relaying() -> relay::Config {
    let (burst, pause) = (NonZeroU32::new(ASKS.0).unwrap_or(NonZeroU32::MIN), ASKS.1);
    relay::Config {
        max_reservations: limits::RELAY_PLACES,
        max_reservations_per_peer: limits::RELAY_PLACES_PER_NODE - 1,
        reservation_rate_limiters: Vec::new(),
        max_circuits: limits::RELAY_CIRCUITS,
        max_circuits_per_peer: limits::RELAY_CIRCUITS_PER_NODE - 1,
        max_circuit_duration: Duration::from_millis(limits::RELAY_CIRCUIT_LIFE),
        max_circuit_bytes: limits::RELAY_CIRCUIT_BYTES,
        circuit_src_rate_limiters: Vec::new(),
        ..relay::Config::default()
    }
    .reservation_rate_per_peer(burst, pause)
    .circuit_src_per_peer(burst, pause)
}

/// How many connections there are at once.
fn bounds() -> ConnectionLimits {
    ConnectionLimits::default()
        .with_max_pending_outgoing(Some(PENDING))
        .with_max_established(Some(limits::CONNECTIONS))
        .with_max_established_per_peer(Some(PER_PEER))
}

/// A swarm with the node's key. Streams that peers open come out of `came`, those of members who come back because they were asked to out of
/// `backs`.
///
/// # Errors
/// `Bug`: libp2p refuses its own parts.
pub fn build(
    key: &NodeKey,
    (came, backs): (mpsc::Sender<Incoming>, mpsc::Sender<Incoming>),
    shared: &Shared,
) -> Result<Swarm<Behaviour>> {
    let door = Arc::clone(&shared.door);
    let refused = |what: &str| Fault::bug(format!("libp2p does not start: {what}"));
    let swarm = SwarmBuilder::with_existing_identity(identity::keypair(key)?)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, || Muxing)
        .map_err(|_| refused("noise"))?
        .with_quic_config(|mut quic| {
            // A page and what follows it; more only costs memory for each slow peer.
            quic.max_stream_data = 2 * 1024 * 1024;
            quic.max_connection_data = 4 * 1024 * 1024;
            quic
        })
        .with_dns()
        .map_err(|e| Fault::misuse(format!("this machine's name resolution can not be read: {e}")))?
        .with_relay_client(noise::Config::new, || Muxing)
        .map_err(|_| refused("noise"))?
        .with_behaviour(|key, client| Behaviour {
            doors: Doors::new(move |node| door.knows(node)),
            limits: connection_limits::Behaviour::new(bounds()),
            ping: ping::Behaviour::new(ping::Config::new().with_interval(PING).with_timeout(PING)),
            streams: Streams::new(vec![SYNC, INVITE, PASS, BROUGHT], came),
            mesh: Gate::new(Mesh::new(key, client, backs), Arc::clone(&shared.admitted)),
        })
        .map_err(|_| refused("behaviour"))?
        // A link keeps its connection; one without a link has this long to become one.
        .with_swarm_config(|c| {
            c.with_idle_connection_timeout(Duration::from_millis(limits::ADMISSION_MILLIS))
                .with_max_negotiating_inbound_streams(UNSAID)
                .with_smart_dial()
        })
        .build();
    Ok(swarm)
}

#[cfg(test)]
mod tests;
