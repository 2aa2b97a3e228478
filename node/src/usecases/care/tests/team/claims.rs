//! Who knows the id of a team's thread says that it is its own.

use super::*;
use crate::ops::conditions;
use crate::usecases::{desk, threads};
use belay_protocol::engine::Event;
use belay_protocol::ids::SpaceId;
use belay_protocol::referral::Body;

/// What the shelter wrote to the peers, as if it named the hospital's thread.
fn claims(county: &mut County, thread: belay_protocol::ids::ThreadId) -> Vec<Event> {
    let shelter = county.office(SHELTER).org();
    let mut claims = Vec::new();
    let peers = county.office(PEERS);
    for (space, a) in peers.bodies() {
        let custodian = peers.with(|engine, store| engine.spaces().founded(store, space).unwrap().unwrap().1);
        if custodian == shelter
            && let Ok(Body::Notice(mut notice)) = Body::decode(&a.body)
        {
            notice.thread = thread;
            let body = belay_protocol::engine::Body(Body::Notice(notice).encode());
            let (hash, author, org, time) = (a.hash, a.author, a.org, a.time);
            claims.push(Event::Applied { space, hash, author, org, time, body });
        }
    }
    claims
}

fn spaces(county: &mut County, office: usize, thread: belay_protocol::ids::ThreadId) -> Vec<SpaceId> {
    let thread = threads::get(county.office(office).store(), thread).unwrap().expect("is here");
    assert_eq!(thread.other.name, NAMES[HOSPITAL]);
    thread.spaces.iter().map(|(_, space)| *space).collect()
}

#[test]
fn who_claims_a_thread_of_its_team_shuts_nobody_out_of_it_whichever_they_hear_of_first() {
    let mut seen = Vec::new();
    for claimed_first in [true, false] {
        let mut county = four();
        let (id, consent) = begun(&mut county, shares().into_iter().take(2).collect());
        let thread = county.office(SHELTER).thread(&id).row.id;
        county.office(SHELTER).person("Zephyrine Quillfeather");
        let own = county.office(SHELTER).consent("Valley Peers", Some(Vec::new()), 90);
        county.office(SHELTER).send(&own);
        county.pump();
        let claims = claims(&mut county, thread);
        assert!(!claims.is_empty());
        if claimed_first {
            county.office(PEERS).turned(&claims);
        }
        let more = shares().into_iter().skip(2).collect();
        let amend = ConsentAmend { consent: consent.clone(), team: more, ..ConsentAmend::default() };
        county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(amend));
        sign(&mut county, &consent);
        county.pump();
        if !claimed_first {
            county.office(PEERS).turned(&claims);
        }
        let view = county.office(PEERS).thread(&id);
        assert_eq!(view.row.other_name, NAMES[HOSPITAL]);
        let theirs = spaces(&mut county, PEERS, thread);
        assert_eq!(theirs.len(), 2);
        seen.push(theirs.len());
        // And it is said who does so.
        let shelter = county.office(SHELTER).org();
        assert_eq!(threads::claims(county.office(PEERS).store()).unwrap(), [(shelter, claims.len())].into());
        let said = county.office(PEERS).with(|engine, store| desk::claims(engine, store).unwrap()).expect("is said");
        assert!(said.contains(NAMES[SHELTER]) && conditions::CLAIM == "partner-claims", "{said}");
        assert!(threads::claims(county.office(HOSPITAL).store()).unwrap().is_empty());
    }
    assert_eq!(seen[0], seen[1]);
}
