//! A coalition of four whose stewards follow each other: charters, a rival, a double signer, a removal by two of three, and what one alone
//! wrote under a charter that others have followed.

use crate::graph::{Side, space};
use crate::hex;
use belay_protocol::ids::{EntryHash, OrgId, ProposalId, SpaceId};
use belay_protocol::keys::wrap::SUITE_X25519;
use belay_protocol::space::approve;
use belay_protocol::space::control::{Approve, Control, Proposal, Revoke};
use belay_protocol::space::entry::{Entry, Header, VERSION};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub fn make() -> Value {
    let [mut clinic, mut shelter, mut court, mut church] =
        [(50, "Harbor Clinic"), (60, "River Shelter"), (70, "County Court"), (80, "Stone Chapel")]
            .map(|(seed, name)| Side::new(seed, name, SUITE_X25519));
    let coalition: SpaceId = clinic
        .step(|spaces, draft, by, own| {
            spaces.found_coalition(draft, by, "Example County", own.card.clone(), own.certificate.clone())
        })
        .hash
        .into();
    for newcomer in [&shelter, &court, &church] {
        let (card, certificate) = (newcomer.card.clone(), newcomer.certificate.clone());
        clinic.step(|spaces, draft, by, _| spaces.admit(draft, by, coalition, card, certificate));
    }
    let orgs = [&clinic, &shelter, &court, &church].map(|side| side.card.root.org());
    propose(&mut clinic, coalition, &orgs[..3]);
    let early = clinic.all(coalition);
    // Two charters of number three: the clinic approves one, the court the other, and the shelter both.
    for side in [&mut shelter, &mut court, &mut church] {
        side.take(&early);
    }
    let one = propose(&mut clinic, coalition, &[orgs[0], orgs[1], orgs[3]]);
    let other = propose(&mut court, coalition, &orgs[1..]);
    let yes = |side: &Side, proposal: Proposal| {
        let signature = approve::sign(&side.key, coalition, &proposal);
        let parents = vec![early.last().expect("it is not empty").hash()];
        sign(side, coalition, parents, &Control::Approve(Approve { proposal, signature }))
    };
    for (proposer, id) in [(&mut clinic, one), (&mut court, other)] {
        let all = proposer.spaces.proposals(&proposer.store, coalition).expect("the coalition is here");
        let proposal = all.into_iter().find(|p| p.id == id).expect("it was proposed").proposal;
        church.take(&[proposer.all(coalition).pop().expect("it was written"), yes(&shelter, proposal)]);
    }
    // The founder alone, as if number one were in force still.
    let revoke = Control::Revoke(Revoke { org: orgs[3], grant: None, approvals: Vec::new(), word: false });
    church.take(&[sign(&clinic, coalition, vec![EntryHash(coalition.0)], &revoke)]);
    // Two of three remove the clinic.
    for side in [&mut shelter, &mut court] {
        side.take(&church.all(coalition));
    }
    let force = in_force(&mut church, coalition);
    let (first, second, gone) =
        if force == one { (&mut shelter, &mut church, orgs[0]) } else { (&mut shelter, &mut court, orgs[3]) };
    let (removal, _) = first.step(|spaces, draft, by, _| spaces.propose_removal(draft, by, coalition, gone));
    second.take(&first.all(coalition));
    second.step(|spaces, draft, by, _| spaces.approve(draft, by, coalition, &removal, false));
    second.step(|spaces, draft, by, _| spaces.tend(draft, by, coalition));
    let fold = second.spaces.fold(&second.store, coalition).expect("the coalition is here");
    let chain = fold.charter.as_ref().expect("a coalition has charters");
    json!({
        "coalition": space(second, coalition),
        "proposals": { "first": hex(one.0), "rival": hex(other.0), "removal": hex(removal.0) },
        "chain": chain.charters.iter().map(|(id, _)| hex(id.0)).collect::<Vec<_>>(),
        "double": chain.double.iter().map(|org| hex(org.0)).collect::<Vec<_>>(),
        "removed": hex(gone.0),
        "members": fold.members.keys().map(|org| hex(org.0)).collect::<Vec<_>>(),
    })
}

fn propose(side: &mut Side, coalition: SpaceId, stewards: &[OrgId]) -> ProposalId {
    let stewards: BTreeSet<OrgId> = stewards.iter().copied().collect();
    side.step(|spaces, draft, by, _| spaces.propose_charter(draft, by, coalition, stewards, 2, false)).0
}

fn in_force(side: &mut Side, coalition: SpaceId) -> ProposalId {
    let fold = side.spaces.fold(&side.store, coalition).expect("the coalition is here");
    fold.charter.as_ref().and_then(|chain| chain.in_force()).expect("a coalition has one").0
}

/// An entry that the library would not write where it knows better.
fn sign(side: &Side, space: SpaceId, parents: Vec<EntryHash>, control: &Control) -> Entry {
    let header = Header {
        version: VERSION,
        space,
        author: side.key.id(),
        parents,
        control: Vec::new(),
        kind: control.kind(),
        epoch: None,
        time: side.now,
        length: 0,
    };
    Entry::sign(&side.key, header, &control.encode())
}
