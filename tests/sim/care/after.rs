//! What comes after: a consent that ended by time and is taken back then, what each side writes down about what comes next for the person,
//! and appointments that one of a team has of its own.

use super::consents::{self, consent};
use super::county::{County, SKEW};
use super::model::{Case, Consent, End, Org, Visit};
use super::threads::{self, case};
use super::words;
use super::{teams, weather};
use belay_node::api::care::{ActRequest, Care, Meeting, ThreadRow, ThreadView};
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Information, Mode, Stands, Why};
use belay_protocol::time::{DAY, MINUTE, Time};

/// Days for which somebody waits for the end of a consent at most.
const DAYS: u64 = 50;
/// What a referral is called that has not ended (SDOHCC).
const OPEN: [&str; 4] = ["requested", "accepted", "in-progress", "on-hold"];

/// The time of a consent passes, and then the person says a word, where it is kept or where a referral went.
pub fn end_then_word(county: &mut County) {
    let now = county.now;
    let end = |consent: &Consent| {
        let state = consent.state().filter(|state| !state.over)?;
        let End::On(at) = state.terms.end else { return None };
        (now < at && at < now.plus(DAYS * DAY)).then_some(at)
    };
    let cases = county.model.cases.clone();
    let sent = |consent: &Consent, all: &[Consent]| cases.iter().any(|case| all[case.consent].id == consent.id);
    let all = county.model.consents.clone();
    let Some(at) = consent(county, |consent| end(consent).is_some() && sent(consent, &all)) else { return };
    let Some(until) = end(&all[at]) else { return };
    county.tell(format!("the time of consent {at} passes"));
    weather::until(county, until.plus(SKEW + MINUTE));
    county.count("consents whose time passed");
    if county.rng.chance(50) {
        consents::revoke_this(county, at);
    } else if let Some(of) = cases.iter().rposition(|case| case.consent == at) {
        let recipient = cases[of].recipient;
        if county.up(recipient) {
            threads::revoke_at(county, of, recipient);
        }
    }
}

/// Whether the consent of a referral has ended for its sender, whose node hears all of it.
fn ended(county: &County, case: &Case) -> bool {
    county.model.ended(case.consent, case.recipient, county.clock(case.sender))
}

/// One side writes down what comes next for the person, or why nothing does.
pub fn settle(county: &mut County) {
    let over: Vec<(usize, Org)> = (0..county.model.cases.len())
        .filter(|at| ended(county, &county.model.cases[*at]))
        .flat_map(|at| [(at, county.model.cases[at].sender), (at, county.model.cases[at].recipient)])
        .filter(|(at, own)| county.up(*own) && !county.model.cases[*at].settled.contains(own))
        .collect();
    let picked = if county.rng.chance(80) { county.rng.pick(&over).copied() } else { None };
    let Some((at, own)) = picked.or_else(|| case(county).map(|(at, own, _)| (at, own))) else { return };
    let of = county.model.cases[at].clone();
    let note = county.model.word(own, "what comes next");
    county.tell(format!("{} settles referral {at}", County::name(own)));
    let act = ActRequest::Settle { note: words::personal(note), referral: None };
    let ask = Care::ReferralAct { thread: of.id.clone(), act };
    match county.ask::<ThreadView>(own, &ask) {
        Some(view) => {
            county.count("referrals settled");
            county.model.cases[at].settled.insert(own);
            let asks = view.row.due.iter().find(|due| due.ours && comes_next(due.timer));
            if let Some(due) = asks {
                let own = County::name(own);
                county
                    .breaks(format!("5: {own} has said what comes next in referral {at}, and is asked: {}", due.what));
            }
        }
        None if own == of.sender && of.team.is_empty() && ended(county, &of) && !of.settled.contains(&own) => {
            county.breaks(format!("5: {} can not say what comes next in referral {at}", County::name(own)));
        }
        None => {}
    }
}

/// Whether staff are asked what comes next for the person.
const fn comes_next(timer: Timer) -> bool {
    matches!(timer, Timer::ConsentEnded | Timer::TakenBack | Timer::NothingMore | Timer::Rehome)
}

/// One of a team makes an appointment of its own, or says what became of it.
pub fn own_visit(county: &mut County) {
    let all: Vec<(usize, Org)> = (0..county.model.cases.len())
        .filter(|at| !county.model.cases[*at].team.is_empty())
        .flat_map(|at| county.model.cases[at].all().into_iter().map(move |own| (at, own)))
        .filter(|(at, own)| county.up(*own) && *own != county.model.cases[*at].recipient)
        .collect();
    let Some((at, own)) = county.rng.pick(&all).copied() else { return };
    let of = county.model.cases[at].clone();
    let later = Time(county.clock(own).0 + DAY * (1 + county.rng.below(4) as u64));
    let (place, note) = (county.model.word(own, "place"), county.model.word(own, "note"));
    let why = |note| Why { barriers: Vec::new(), note: words::personal(note) };
    let (act, written, new) = match county.rng.below(5) {
        0 => (ActRequest::Attend { when: None }, vec![], Visit { stands: Stands::Attended, at: None }),
        1 => {
            let before = of.visits.get(&own).and_then(|visit| visit.at);
            let missed = Visit { stands: Stands::Missed, at: before };
            (ActRequest::NoShow { when: None, why: why(note) }, vec![note], missed)
        }
        2 => {
            let cancelled = Visit { stands: Stands::Cancelled, at: None };
            (ActRequest::CancelAppointment { why: why(note) }, vec![note], cancelled)
        }
        _ => {
            let (spot, text) = (words::personal(place), words::personal(note));
            let act = ActRequest::Schedule(Meeting::at(later, spot, Mode::InPerson, text));
            (act, vec![place, note], Visit { stands: Stands::Scheduled, at: Some(later) })
        }
    };
    let (_, late) = threads::may_tell(county, at, own, Information::Referral);
    teams::tell(county, at, own, Information::Referral, &written);
    for word in &written {
        county.model.facts[*word].late = late;
    }
    county.tell(format!("{} says of an appointment of its own in referral {at}: {:?}", County::name(own), new.stands));
    if let Some(view) = county.ask::<ThreadView>(own, &Care::ReferralAct { thread: of.id, act }) {
        county.count("words about appointments of a team's own");
        county.model.cases[at].visits.insert(own, new);
        stands(county, at, own, &view);
    }
}

/// An appointment of its own stands for whoever made it as it was left, and it is asked whether the person came.
fn stands(county: &mut County, at: usize, own: Org, view: &ThreadView) {
    let of = &county.model.cases[at];
    let Some(visit) = of.visits.get(&own).copied() else { return };
    let shown = view.visits.iter().find(|visit| visit.is_ours());
    let shown = shown.map(|shown| Visit {
        stands: shown.stands,
        at: shown.appointment.as_ref().filter(|_| shown.stands != Stands::Cancelled).map(|to| to.at),
    });
    // When the person came is theirs to say; an appointment that was kept may be shown with it.
    let same = shown.is_some_and(|shown| shown.stands == visit.stands && (visit.at.is_none() || shown.at == visit.at));
    let passed = visit.stands == Stands::Scheduled && visit.at.is_some_and(|at| at <= county.clock(own));
    let asked = view.row.due.iter().any(|due| due.ours && due.timer == Timer::AppointmentPassed);
    let due = passed && own == of.sender && !of.settled.contains(&own);
    if !same || (due && !asked) || (visit.stands == Stands::Attended && asked) {
        let name = County::name(own);
        county.breaks(format!(
            "5: the appointment that {name} has of its own in referral {at} is left as {visit:?}, and shown as {shown:?}, asked: {asked}"
        ));
    }
}

/// At the end: all appointments of teams' own stand as they were left.
pub fn visits(county: &mut County) {
    for at in 0..county.model.cases.len() {
        let of = county.model.cases[at].clone();
        for own in of.visits.keys().copied() {
            let view = county.ask::<ThreadView>(own, &Care::ReferralShow { thread: of.id.clone() });
            if let Some(view) = view {
                county.count("appointments of a team's own at the end");
                stands(county, at, own, &view);
            }
        }
    }
}

/// At the end: of a referral whose consent has ended each side is asked what comes next as long as it stands open there and nobody has said
/// so, and by what it ended; of one that goes on nobody is.
pub fn asked(county: &mut County, at: usize, (ours, theirs): (&ThreadRow, Option<&ThreadRow>), ended: bool) {
    let case = county.model.cases[at].clone();
    let by_time = by_time(county, &case);
    let sides = [(case.sender, Some(ours)), (case.recipient, theirs)];
    for (own, row) in sides.into_iter().filter_map(|(own, row)| Some((own, row?))) {
        // Who may not know how it stands there is asked whatever it came to.
        let open = row.status.as_deref().map(|status| OPEN.contains(&status));
        let timer = |due: &Timer| matches!(due, Timer::ConsentEnded | Timer::TakenBack | Timer::NothingMore);
        let asked = row.due.iter().filter(|due| due.ours).map(|due| due.timer).find(timer);
        let said = case.settled.contains(&own);
        let right = match asked {
            None => !ended || open != Some(true) || said,
            Some(timer) => ended && open != Some(false) && !said && (!by_time || timer == Timer::ConsentEnded),
        };
        if ended && open == Some(true) && !said {
            county.count("sides that are asked what comes next");
        }
        if !right {
            county.breaks(format!(
                "5: {} is asked {asked:?} in referral {at}: ended {ended}, by time alone {by_time}, {:?}, settled {said}",
                County::name(own),
                row.status
            ));
        }
    }
}

/// Whether nothing but time has ended the consent of a referral, and nothing was taken from it since it went.
fn by_time(county: &County, case: &Case) -> bool {
    let consent = &county.model.consents[case.consent];
    let now = county.clock(case.sender);
    let Some(last) = consent.state() else { return false };
    let word = last.over || case.heard || !last.withdrawn.is_empty();
    let untouched = consent.rulings.len() == case.sent + 1;
    untouched && !word && matches!(last.terms.end, End::On(at) if at <= now)
}
