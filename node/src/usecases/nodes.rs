//! The nodes of this organisation: one more, a list of them, and one retired for good.

use super::{coalition, identity, named};
use crate::api::views::{NodeAddView, NodeRetiredView, NodeRow, NodesView};
use crate::api::{Failure, Outcome, Secret};
use crate::driver::PeerFact;
use crate::net;
use belay_protocol::codec;
use belay_protocol::engine::{ADDRESSES, Engine, Step};
use belay_protocol::ids::NodeId;
use belay_protocol::store::View;

/// Where a further node finds this one.
///
/// # Errors
/// In no coalition, or no address to tell.
pub fn add(engine: &mut Engine, view: &dyn View, addresses: &[String], reachable: bool) -> Outcome<NodeAddView> {
    if coalition::member_roster(engine, view)?.is_none() {
        return Err(Failure::misuse(
            "a second node finds the first by their coalition, and this organisation is in none",
        )
        .next("belay found NAME, or belay join"));
    }
    if addresses.is_empty() {
        return Err(Failure::misuse("this node listens on no address that another machine could reach")
            .next("belay run --listen ..."));
    }
    let peer = net::identity::peer(engine.node())?;
    Ok(NodeAddView {
        organisation: identity::organisation(&identity::card(view)?),
        addresses: addresses.iter().map(|address| format!("{address}/p2p/{peer}")).collect(),
        reachable,
    })
}

/// All that there are or were.
///
/// # Errors
/// `Store`.
pub fn list(engine: &mut Engine, view: &dyn View, connected: &[PeerFact]) -> Outcome<NodesView> {
    let own = engine.node();
    let Some(roster) = coalition::member_roster(engine, view)? else {
        let certified = engine.identity().certificate().issued;
        let alone = NodeRow {
            node: own,
            this: true,
            state: "active".into(),
            connected: true,
            certified,
            addresses: Vec::new(),
        };
        return Ok(NodesView { nodes: vec![alone] });
    };
    let registers = engine.registers(view, roster.coalition)?;
    let over = engine.fold(view, roster.coalition)?.over.clone();
    let certified = roster.orgs.get(&engine.org()).map(|member| member.nodes.clone()).unwrap_or_default();
    let mut nodes: Vec<NodeRow> = certified
        .into_iter()
        .map(|(node, certificate)| NodeRow {
            node,
            this: node == own,
            state: match (roster.retired.contains(&node), over.contains_key(&node)) {
                (true, _) => "retired",
                (false, true) => "no place",
                (false, false) => "active",
            }
            .into(),
            connected: node == own || connected.iter().any(|peer| peer.node == node),
            certified: certificate.issued,
            addresses: registers
                .iter()
                .find(|register| register.node == node && register.name == ADDRESSES)
                .and_then(|register| codec::decode("addresses", &register.value).ok())
                .unwrap_or_default(),
        })
        .collect();
    nodes.sort_by_key(|row| (row.certified, row.node));
    Ok(NodesView { nodes })
}

/// Shuts one out, by the root key that the phrase gives. It can not be taken back.
///
/// # Errors
/// Words of no or of another phrase, no such node, one that is retired already, or the node that was asked.
pub fn retire(step: &mut Step<'_>, node: &str, phrase: &Secret) -> Outcome<NodeRetiredView> {
    let phrase = identity::phrase(phrase)?;
    let root = phrase.root();
    if root.public() != identity::card(step)?.root {
        return Err(identity::anothers_phrase());
    }
    let now = step.context().now;
    let (engine, draft) = step.engine();
    let own = engine.node();
    let nodes = list(engine, draft, &[])?.nodes;
    let key = |row: &NodeRow| (row.node.to_string(), String::new());
    let row = named(&nodes, node, key, "node of this organisation", "belay node list")?;
    if row.node == own {
        return Err(Failure::misuse("a node does not retire itself: nobody would be left to say so")
            .next("belay node retire, at another node of this organisation, or belay recover on a new machine"));
    }
    if row.state == "retired" {
        return Err(Failure::misuse("this node was retired before, and that is for good").next("belay node list"));
    }
    let gone: NodeId = row.node;
    step.retire(&root.retire(gone, now))?;
    Ok(NodeRetiredView { node: gone })
}
