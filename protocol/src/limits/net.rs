//! Bounds of connections, relays and frames.

use super::NODES_OF_ORG;
use crate::time::{HOUR, MINUTE, SECOND};

/// Milliseconds that a connection may live without having been admitted.
pub const ADMISSION_MILLIS: u64 = 10_000;
/// Connections of strangers, at once.
pub const ADMISSION_SLOTS: u32 = 16;
/// Of these, how many from one address (of version 6: from one network of 64 bits).
pub const ADMISSION_PER_SOURCE: u32 = 4;
/// Streams on which one peer may wait for its admission or talk about an invite.
pub const ADMISSION_STREAMS: usize = 2;
/// Connections that come in and are still in their handshake, at once over each transport: of these nothing is known but an address.
pub const HANDSHAKES: usize = 256;
/// Of these, how many are kept for addresses from which members were linked.
pub const HANDSHAKES_KEPT: usize = HANDSHAKES / 2;
/// Of what is kept, how many of one organisation: its machines, and some that were cut off and come again.
pub const HANDSHAKES_OF_ORG: usize = HANDSHAKES_KEPT / 4;
/// From one address (of version 6: from one network of 64 bits); several nodes behind one router come at once when its line is there again.
pub const HANDSHAKES_FROM_ONE: usize = 16;
/// Beside these, who comes through relays: members alone.
pub const HANDSHAKES_RELAYED: usize = 64;
/// Of these, how many through one relay.
pub const HANDSHAKES_OF_RELAY: usize = HANDSHAKES_RELAYED / RELAYS_USED;
/// Of these, how many of one organisation, by the word of that relay; and how many whom no roster has.
pub const HANDSHAKES_RELAYED_OF_ORG: usize = HANDSHAKES_OF_RELAY / 4;
/// Addresses from which members were linked that are remembered; above it the organisation that has most gives one up.
pub const SOURCES_KNOWN: usize = 1_024;
/// Of these, how many of one organisation, its latest: of each of its machines some.
pub const SOURCES_OF_ORG: usize = 4 * NODES_OF_ORG;
/// Connections of one node.
pub const CONNECTIONS: u32 = 256;
/// Nodes of one organisation that are connected at once.
pub const NODES_LINKED: usize = NODES_OF_ORG;
/// Bytes of frames that wait to leave for all nodes of one organisation, those of links that are being closed among them: what was asked for and is not taken.
pub const QUEUED_BYTES_OF_ORG: usize = 32 * 1024 * 1024;
/// Places that a relay keeps for members who can not be reached from outside: some of each organisation of a region.
pub const RELAY_PLACES: usize = 256;
/// Of these, how many for one node: one, and the one before while its end was not noticed.
pub const RELAY_PLACES_PER_NODE: usize = 2;
/// Circuits that a relay carries at once.
pub const RELAY_CIRCUITS: usize = 128;
/// Of these, how many a node has at either end before it may ask for no more: its neighbours, and who shares threads with it.
pub const RELAY_CIRCUITS_PER_NODE: usize = 32;
/// Bytes of one circuit, each way: a newcomer's first sync of a large directory, with its attachments, many times over.
pub const RELAY_CIRCUIT_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Milliseconds of one circuit; then it breaks, and its ends go on over the next.
pub const RELAY_CIRCUIT_LIFE: u64 = 12 * HOUR;
/// Relays at which a node keeps a place, so that one may be off.
pub const RELAYS_USED: usize = 2;
/// Nodes with an address outside that a node goes to, beside its neighbours, while it has no places at relays.
pub const RELAYS_SOUGHT: usize = 3;
/// Addresses outside that a node believes it is reached at, of each version of IP over each transport, beside what its people announced.
pub const OUTSIDE_OF_KIND: usize = 2;
/// Addresses outside where a node was reached that nobody claims at present: a router's last ones.
pub const OUTSIDE_PAST: usize = 8;
/// Milliseconds in which a member that was asked to come to an address has to answer; then it counts as one that came not, and another is
/// asked. libp2p's side of who is asked gives up after ten seconds.
pub const PROBE_MILLIS: u64 = 12 * SECOND;
/// Milliseconds after which who came not to an address may be asked again.
pub const PROBE_VAIN_MILLIS: u64 = HOUR;
/// Milliseconds for which it counts that a member reached this node at a router's address; from half of it on it is asked again.
pub const PROBE_WORD_MILLIS: u64 = HOUR;
/// The same, from when that member sees this node elsewhere.
pub const PROBE_DOUBT_MILLIS: u64 = MINUTE;
/// Milliseconds in which a member that could not be asked is asked for nothing.
pub const PROBE_PAUSE_MILLIS: u64 = MINUTE;
/// Neighbours with whom the coalition space is kept in step at once.
pub const NEIGHBOURS: usize = 8;
/// A frame of so many bytes is made ready on a thread of its own, and its documents are opened there: a page of entries takes tens of
/// milliseconds. Of smaller ones many may wait, so nothing of them is unpacked before its turn.
pub const LARGE_FRAME: usize = 8 * 1024;
/// Large frames that are made ready and wait for the engine, of all links: each takes some megabytes opened.
pub const FRAMES_AHEAD: usize = 4;
/// Of these, how many of one organisation: what a first sync needs to keep the engine busy; one is always left for others.
pub const FRAMES_AHEAD_OF_ORG: usize = FRAMES_AHEAD - 1;
/// Smaller frames that wait for the engine, of all links.
pub const FRAMES_WAITING: usize = 64;
/// Of these, how many of one organisation.
pub const FRAMES_WAITING_OF_ORG: usize = FRAMES_WAITING / 2;
