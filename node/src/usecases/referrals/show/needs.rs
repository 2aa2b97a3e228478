//! Needs as they stand, and which of a person's still wait for something that lifts them.

use super::super::Open;
use super::{Eyes, list};
use crate::api::Outcome;
use crate::api::care::{NeedView, NeedsView, OpenNeed};
use crate::forms::{self, Lang};
use crate::usecases::records::find;
use crate::usecases::staff::StaffSession;
use crate::usecases::worklist::{self, Agreed};
use crate::usecases::{people, threads};
use belay_protocol::disclosure::Looked;
use belay_protocol::engine::Step;
use belay_protocol::ids::ThreadId;
use belay_protocol::referral::{Act, Need, NeedId, NeedStatus, Outcome as Ending, Place, put_need};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::collections::BTreeMap;

/// A referral of ours that is to lift a need.
struct Lifting {
    need: NeedId,
    thread: ThreadId,
    /// It goes on: something may come of it.
    open: bool,
    /// When we sent it, and when services were received there: the one by our clock, the other by theirs.
    well: Option<(Time, Time)>,
}

/// What the other referrals of a person wait for that nothing lifts yet, most urgent first in each. It is a look at the person; no referral is
/// opened by it, so that no partner reads that its referral was seen.
///
/// # Errors
/// The person is not known.
pub fn open_needs(step: &mut Step<'_>, session: &StaffSession, given: &Personal<String>) -> Outcome<NeedsView> {
    let person = people::find(step.draft(), given)?.id;
    people::look(step, session, Looked::Person, Some(person), None)?;
    let mut needs = Vec::new();
    for id in worklist::of_person(step, person)? {
        let Some(thread) = threads::get(step.draft(), id)?.filter(|thread| thread.person == Some(person)) else {
            continue;
        };
        let open = Open::new(step, thread)?;
        if open.state.needs.is_empty() || open.state.place == Place::EnteredInError || ended(step, &open)? {
            continue;
        }
        let eyes = Eyes::new(step, &open);
        let lifting = lifting(step, &open)?;
        let waits = |view: &NeedView| {
            let on_the_way = lifting.iter().any(|ride| ride.need == view.need.id && ride.open);
            !view.lifted && view.need.status == NeedStatus::Open && !on_the_way
        };
        let waiting = told(&open, &eyes, &lifting).into_iter().filter(waits);
        needs.extend(waiting.map(|view| OpenNeed {
            thread: id,
            need: view.need.id,
            text: forms::need(&view.need, Lang::En),
            other_name: open.thread.other.name.clone(),
        }));
    }
    Ok(NeedsView { needs })
}

/// Every need of a thread, most urgent first, as far as our staff may be shown it.
pub(super) fn views(step: &mut Step<'_>, open: &Open, eyes: &Eyes) -> Outcome<Vec<NeedView>> {
    Ok(told(open, eyes, &lifting(step, open)?))
}

/// Whether a need of this thread is lifted by a referral of ours, while the need itself still says that it is open.
pub(in crate::usecases::referrals) fn lifted_elsewhere(step: &mut Step<'_>, open: &Open, id: NeedId) -> Outcome<bool> {
    let lifting = lifting(step, open)?;
    let eyes = Eyes::new(step, open);
    Ok(told(open, &eyes, &lifting).iter().any(|view| view.need.id == id && view.lifted))
}

fn told(open: &Open, eyes: &Eyes, lifting: &[Lifting]) -> Vec<NeedView> {
    let mut needs: Vec<Need> = Vec::new();
    // Since when each is said to be open. Our own word says it anew, since we know what became of the referral that was to lift it.
    let mut since: BTreeMap<NeedId, Time> = BTreeMap::new();
    for line in open.state.history.iter().filter(|line| line.without_effect.is_none()) {
        let Act::Need(need) = &line.act else { continue };
        if !eyes.let_through(line.org, line.act.information()) {
            continue;
        }
        let before = needs.iter().find(|known| known.id == need.id).map(|known| known.status);
        if before != Some(need.status) || line.org == open.own {
            since.insert(need.id, line.at);
        }
        put_need(&mut needs, (**need).clone());
    }
    let view = |need: Need| {
        let ours = lifting.iter().filter(|ride| ride.need == need.id);
        let referrals = ours.clone().map(|ride| ride.thread).collect();
        let said = since.get(&need.id).copied().unwrap_or_default();
        // What was said before it was sent holds no longer, whatever the two clocks show.
        let well = ours.filter_map(|ride| ride.well).any(|(sent, well)| said <= sent || said <= well);
        let lifted = need.status == NeedStatus::Lifted || (need.status == NeedStatus::Open && well);
        NeedView { need, referrals, lifted }
    };
    needs.into_iter().map(view).collect()
}

/// Referrals of ours that are to lift a need of this one.
fn lifting(step: &mut Step<'_>, open: &Open) -> Outcome<Vec<Lifting>> {
    if open.state.needs.is_empty() {
        return Ok(Vec::new());
    }
    let mut lifting = Vec::new();
    for sent in find::lifting(step.draft(), open.thread.thread)? {
        let Some(thread) = threads::get(step.draft(), sent)? else { continue };
        if let Some((_, need)) = thread.lifts {
            let open = Open::new(step, thread)?;
            let over = open.state.place.is_final() || ended(step, &open)?;
            let well = open.state.sent.zip(open.state.ended);
            let well = well.filter(|_| open.state.outcome == Some(Ending::ServicesReceived));
            lifting.push(Lifting { need, thread: sent, open: !over, well });
        }
    }
    Ok(lifting)
}

/// Nothing more may be told in it.
fn ended(step: &mut Step<'_>, open: &Open) -> Outcome<bool> {
    Ok(list::summary(step, open, &mut Agreed::default())?.row.ended.is_some())
}
