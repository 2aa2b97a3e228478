//! The end of a history: everything is mended, all comes to rest, and what must have arrived is looked for.

use super::check::{check, hear, waits};
use super::county::{County, SKEW};
use super::model::{Case, Org};
use super::words::{self, Word};
use belay_node::api::care::{Care, ConsentView, DisclosuresAsk, DisclosuresView, EmergencyView, ThreadRow, ThreadView};
use belay_node::usecases::threads;
use belay_protocol::disclosure::Stage;
use belay_protocol::engine::Input;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Information, Scope};
use belay_protocol::time::SECOND;
use std::collections::BTreeSet;

const ROUNDS: usize = 40;

pub fn heal(county: &mut County) {
    county.tell("everything is mended");
    county.seen.weather = false;
    for org in county.cast.clone() {
        county.offices[org].skew = 0;
        if !county.up(org) {
            county.start(org);
        }
    }
    super::doubts::over(county);
    let links: Vec<u64> = county.net.links.keys().copied().collect();
    for link in links {
        county.cut(link);
    }
    rest(county);
    hear(county);
    check(county);
    let lost = county.model.said.iter().find(|(_, case, _)| !waits(county, *case)).copied();
    if let Some((entry, case, _)) = lost {
        county
            .breaks(format!("3: what a partner heard in referral {case} never reaches its keeper: {}", entry.short()));
    }
    if county.broken.is_some() {
        return;
    }
    arrived(county);
    cases(county);
    consents(county);
    accounts(county);
    openings(county);
    super::calls::whole(county);
    super::after::visits(county);
    super::answers::whole(county);
    hear(county);
    check(county);
}

fn rest(county: &mut County) {
    let mut quiet = 0;
    for _ in 0..ROUNDS {
        let before = county.stats.get("frames").copied();
        for a in county.cast.clone() {
            for b in county.cast.clone() {
                if a < b {
                    county.connect(a, b);
                }
            }
        }
        while county.deliver() {}
        county.now = county.now.plus(31 * SECOND);
        for org in county.cast.clone() {
            county.input(org, Input::Tick);
        }
        quiet = if county.stats.get("frames").copied() == before && county.net.waiting().is_empty() {
            quiet + 1
        } else {
            0
        };
        if quiet >= 2 {
            return;
        }
    }
    county.breaks("5: the county does not come to rest");
}

/// Whether two organisations are both in a space, as both see it.
fn both_in(county: &mut County, space: belay_protocol::ids::SpaceId, orgs: [Org; 2]) -> bool {
    let ids = orgs.map(|org| county.offices[org].org);
    orgs.into_iter().all(|org| {
        let office = &mut county.offices[org];
        let engine = office.engine.as_mut().unwrap();
        let fold = engine.fold(&office.disk.live, space);
        let now = office.clock(county.now);
        fold.is_ok_and(|fold| {
            let in_time = |id| fold.members.get(id).is_some_and(|seat| seat.expires.is_none_or(|at| at > now));
            !fold.closed && ids.iter().all(in_time)
        })
    })
}

/// What somebody may read, and is still in for, is there. What it holds in clear it holds as words; copies for emergencies sealed.
fn arrived(county: &mut County) {
    let opens = std::mem::take(&mut county.seen.opens);
    for ((entry, reader), words) in &opens {
        let author = county.seen.places.get(entry).copied();
        let Some((author, space)) = author else { continue };
        if words.is_empty() || !both_in(county, space, [author, *reader]) {
            continue;
        }
        county.count("tellings that had to arrive");
        if !county.offices[*reader].has(entry) {
            let (reader, author) = (County::name(*reader), County::name(author));
            county.breaks(format!("5: {reader} did not get entry {} of {author}, which it may read", entry.short()));
        }
        let copy = county.model.copies.iter().any(|copy| copy.space == space);
        let held = county.seen.holds.get(reader);
        let missing = words.iter().find(|word| !copy && !held.is_some_and(|held| held.contains(*word)));
        if let Some(word) = missing.copied() {
            let what = county.model.facts[word].what;
            county.breaks(format!(
                "5: {} never shows {}, a {what} told to it",
                County::name(*reader),
                words::text(word)
            ));
        }
    }
    county.seen.opens = opens;
}

/// A referral as one side's staff read it.
fn row(county: &mut County, org: Org, thread: &str) -> Option<ThreadRow> {
    let view: Option<ThreadView> = county.ask(org, &Care::ReferralShow { thread: thread.to_owned() });
    view.map(|view| view.row)
}

/// The part of the consent that a node folds out of a referral.
fn scope(county: &mut County, org: Org, id: &str) -> Option<Scope> {
    let own = county.offices[org].org;
    let scope = county.own(org, |step| {
        let all = threads::all(step.draft())?;
        let Some(thread) = all.into_iter().find(|thread| thread.thread.to_string() == id) else { return Ok(None) };
        let placed = threads::placed(step, own, &thread)?;
        let scopes = threads::state(own, &thread, &placed).scopes;
        Ok(scopes.into_iter().find(|(kind, _)| *kind == Information::Referral).map(|(_, scope)| scope))
    });
    scope.flatten()
}

/// Each consent stands alike at the organisation that keeps it and at each that holds a part of it.
fn cases(county: &mut County) {
    for at in 0..county.model.cases.len() {
        let case = county.model.cases[at].clone();
        let Some(ours) = row(county, case.sender, &case.id) else {
            county.breaks(format!("4: referral {at} is lost at its sender"));
            return;
        };
        // Of a team the others go on without who was referred to: what each may read is looked at by what arrived.
        if !case.team.is_empty() {
            county.count("referrals of a team at the end");
            continue;
        }
        let theirs = row(county, case.recipient, &case.id);
        let Some((stands, ended)) = stands(county, &case) else { continue };
        if stands || ended {
            super::after::asked(county, at, (&ours, theirs.as_ref()), ended);
        }
        let telephones = ours.due.iter().any(|due| due.timer == Timer::Left);
        if telephones && !county.model.cases.iter().any(|other| other.heard && same(other, &case)) {
            county.breaks(format!("5: staff are to ask why the recipient of referral {at} left, which it never did"));
        }
        let (here, there) = (ours.ended.is_some(), theirs.as_ref().map(|row| row.ended.is_some()));
        if stands && (here || there != Some(false)) || (ended && (!here || there == Some(false))) {
            county.breaks(format!(
                "1: the consent of referral {at} {}; its sender says {:?}, its recipient {:?}",
                if stands { "stands" } else { "has ended" },
                ours.ended,
                theirs.as_ref().map(|row| &row.ended)
            ));
        }
        if stands {
            county.count("referrals that stood at the end");
            let (mine, other) = (scope(county, case.sender, &case.id), scope(county, case.recipient, &case.id));
            if mine != other {
                county.breaks(format!(
                    "1: the parties of referral {at} fold its consent differently: {mine:?}, {other:?}"
                ));
            }
        }
        if ended {
            county.count("referrals whose consent had ended");
        }
    }
}

fn same(one: &Case, other: &Case) -> bool {
    (one.consent, one.recipient) == (other.consent, other.recipient)
}

/// Whether every version since it was sent lets the referral go on, and whether none of it can any more. `None`: the person revoked
/// at the recipient, where that holds for what comes under the same consent later too, and nobody else has heard. Neither is so while
/// a consent is about to end: a clock that was ahead may have ended it.
fn stands(county: &County, case: &Case) -> Option<(bool, bool)> {
    if county.model.cases.iter().any(|other| other.heard && same(other, case)) {
        return None;
    }
    let consent = &county.model.consents[case.consent];
    let now = county.clock(case.sender);
    let last = consent.state()?;
    let rulings = &consent.rulings[case.sent..];
    let (from, to) = (case.sender, case.recipient);
    let permits =
        |state: &super::model::State, from, to, kind, at| state.permits(&county.model.kinds, from, to, kind, false, at);
    let (referral, ahead) = (Information::Referral, now.plus(SKEW));
    let stands = rulings.iter().all(|ruling| permits(&ruling.state, from, to, referral, ahead));
    let any = super::consents::KINDS
        .iter()
        .any(|kind| permits(last, from, to, *kind, now) || permits(last, to, from, *kind, now));
    Some((stands, !any))
}

/// Each consent stands where it is kept as the person left it: taken back or not, for whom, and with what was agreed to leave out.
fn consents(county: &mut County) {
    for at in 0..county.model.consents.len() {
        let of = county.model.consents[at].clone();
        let Some(state) = of.state() else { continue };
        let ask = Care::ConsentShow { consent: of.id.clone(), whole: true };
        let Some(view) = county.ask::<ConsentView>(of.keeper, &ask) else {
            county.breaks(format!("4: consent {at} is lost where it is kept"));
            return;
        };
        let held: BTreeSet<Word> =
            view.restrictions.iter().flat_map(|one| words::found(one.asked.reveal().as_bytes())).collect();
        let promised: BTreeSet<Word> = state.terms.left_out.iter().map(|one| one.asked).collect();
        if held != promised {
            county.breaks(format!("2: consent {at} leaves out {held:?}, and {promised:?} was agreed to (2.26)"));
        }
        // Of one that was drafted anew the draft is shown.
        if view.state == "draft" {
            continue;
        }
        let named: BTreeSet<Org> = view.parties.iter().filter_map(|party| county.org(party.org)).collect();
        let stand: BTreeSet<Org> =
            state.others().into_iter().filter(|org| !state.withdrawn.contains_key(org)).collect();
        // One that is known to be false goes on being called so, whatever was heard of it elsewhere.
        let taken_back = state.revoked.is_some() && !of.void;
        if (view.state == "revoked") != taken_back || (!state.over && named != stand) {
            county.breaks(format!(
                "1: consent {at} is {} for {named:?}; the person left it for {stand:?}, revoked: {:?}",
                view.state, state.revoked
            ));
        }
        county.count("consents that stand as they were left");
    }
}

/// Each person's accounting lists all that was told of the person.
fn accounts(county: &mut County) {
    for person in 0..county.model.persons.len() {
        let of = county.model.persons[person].clone();
        let ask = Care::Disclosures(DisclosuresAsk::of(&of.id));
        let Some(view) = county.ask::<DisclosuresView>(of.org, &ask) else {
            county.breaks(format!("7: {} can not give person {person} an accounting", County::name(of.org)));
            return;
        };
        let listed: BTreeSet<_> = view.disclosures.iter().map(|row| (row.entry, row.to)).collect();
        let told: Vec<_> =
            county.seen.accounts.iter().filter(|(org, id, ..)| (*org, id) == (of.org, &of.id)).cloned().collect();
        for (_, _, entry, to) in told {
            if !listed.contains(&(entry, to)) {
                county.breaks(format!(
                    "7: the accounting of person {person} lacks what was told in entry {}",
                    entry.short()
                ));
            }
        }
        let listed: Vec<_> = view.disclosures.iter().map(|row| row.entry).collect();
        super::records::of_nobody_else(county, person, &listed);
        county.count("accountings");
    }
}

/// Each opening has come to who placed the copy: to the privacy officer's list and to the accounting, with the four facts.
fn openings(county: &mut County) {
    for opening in county.model.openings.clone() {
        let copy = county.model.copies[opening.copy].clone();
        let of = county.model.persons[copy.person].clone();
        let list: Option<EmergencyView> = county.ask(of.org, &Care::EmergencyList { person: None });
        let account: Option<DisclosuresView> = county.ask(of.org, &Care::Disclosures(DisclosuresAsk::of(&of.id)));
        let (Some(list), Some(account)) = (list, account) else { continue };
        let listed = list.openings.iter().any(|row| row.opening == opening.entry);
        let row = account.disclosures.iter().find(|row| row.entry == opening.entry && row.stage == Stage::Opened);
        if copy.ended.is_some() && !county.offices[of.org].counts(&opening.entry) {
            county.count("openings that came too late to count");
        }
        if !listed || row.is_none_or(|row| row.facts.is_none() || row.staff.reveal().is_empty()) {
            county.breaks(format!(
                "7: what {} opened of person {} is not on the list of {}'s privacy officer ({listed}) and in the accounting",
                County::name(opening.at),
                copy.person,
                County::name(of.org)
            ));
        }
        county.count("openings accounted for");
    }
}
