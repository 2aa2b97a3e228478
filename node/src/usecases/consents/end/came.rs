//! That the consent behind referrals that came here may be false: staff here stop what this organisation tells under it, and the privacy
//! officer lets it stand again. Who keeps the consent judges it: staff here telephone (42 CFR 2.31(c)(4)).

use super::heard;
use crate::api::care::ConsentView;
use crate::api::{Failure, Outcome};
use crate::usecases::consents::held;
use crate::usecases::records::{self, Kind};
use crate::usecases::referrals::{self, Open};
use crate::usecases::staff::StaffSession;
use crate::usecases::{people, short_enough, threads, worklist};
use belay_protocol::consent::{Doubt, ends_of, explain, open_doubts};
use belay_protocol::disclosure::{Doubted, Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use std::collections::BTreeMap;

/// Suspends the part of a consent that came here, for every referral under it, or lets it stand again. `None`: no referral came under it.
///
/// # Errors
/// No reason; a part under which nothing may be told in any case, or that needs no consent; to let it stand, who is not the privacy
/// officer, or a part that nobody doubts.
pub(super) fn suspend(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    (why, lift): (&Personal<String>, bool),
) -> Outcome<Option<ConsentView>> {
    let open = heard::under(step, given)?;
    let Some(first) = open.first() else { return Ok(None) };
    let (keeper, part) = (first.thread.other.clone(), first.thread.consent);
    if first.thread.tied() {
        let why = format!("this referral goes by an agreement with {} and under no consent", keeper.name);
        return Err(Failure::misuse(why).next("belay agreement show"));
    }
    let Some(scope) = first.came_part().cloned() else { return Ok(None) };
    short_enough(why)?;
    let reason = why.reveal().trim();
    if reason.is_empty() {
        return Err(super::doubt::no_reason(lift));
    }
    let words = threads::doubts(step.draft(), keeper.org, part)?;
    let ends = ends_of(&words);
    match (lift, ends.is_empty()) {
        (true, true) => {
            return Err(
                Failure::misuse("nobody here says that this consent may be false").next("belay referral show THREAD")
            );
        }
        (false, false) => {
            return Err(Failure::misuse(
                "this consent is suspended here already, until the privacy officer has judged it",
            )
            .next("belay referral show THREAD"));
        }
        (false, true) if open.iter().all(|one| one.thread.gone.is_some()) => {
            let why = "nothing more is told under this consent in any case";
            return Err(Failure::misuse(why).next(format!("telephone {}, which keeps it", keeper.name)));
        }
        (true, false) | (false, true) => {}
    }
    let (at, by) = (step.context().now, session.by());
    let word = Doubt { at, why: reason.into(), by, ends };
    step.write_private(&PrivateBody::Doubted(Box::new(Doubted { keeper: keeper.org, part, word })).encode())?;
    referrals::settled(step)?;
    held::follow_part(step, part)?;
    let mut person = None;
    for one in &open {
        person = person.or(one.thread.person);
        people::look(step, session, Looked::Thread, one.thread.person, Some(one.thread.thread))?;
    }
    let says = if lift {
        "From now on it stands again here.".to_owned()
    } else {
        let phone = worklist::telephone(step, &keeper)?;
        let phone = phone.map_or_else(String::new, |phone| format!(" ({}, {})", phone.who, phone.telephone));
        format!(
            "From now on nothing is told or passed on under it here (42 CFR 2.31(c)(4)). {name}, which keeps it, does not hear of that: \
             telephone them{phone}. The privacy officer lets it stand again: belay consent suspend {part} --lift",
            name = keeper.name,
            part = part.short(),
        )
    };
    let call = format!(
        "telephone {}, which keeps it and does not hear of this; then the privacy officer lets it stand again",
        keeper.name
    );
    Ok(Some(ConsentView {
        waiting: (!lift).then_some(call),
        suspended: !lift,
        doubts: super::super::doubts(&threads::doubts(step.draft(), keeper.org, part)?),
        form: format!("{says}\n\n{}", explain(&scope)).as_str().into(),
        ..heard::came_view(&scope, person, if lift { "stands again" } else { "suspended" })
    }))
}

/// The parts that staff here doubt and under which something might be told otherwise.
///
/// # Errors
/// `Store`.
pub fn doubted(view: &dyn View) -> Result<Vec<ConsentId>> {
    let mut words: BTreeMap<(OrgId, ConsentId), Vec<Doubt>> = BTreeMap::new();
    for record in records::all(view, Kind::Doubted, &[])? {
        if let PrivateBody::Doubted(said) = record.body {
            words.entry((said.keeper, said.part)).or_default().push(said.word);
        }
    }
    let mut doubted = Vec::new();
    for ((keeper, part), words) in words {
        if open_doubts(&words).next().is_none() {
            continue;
        }
        let came = threads::came_like(view, &part.0)?;
        let goes_on = |one: &threads::Thread| (one.consent, one.other.org) == (part, keeper) && one.gone.is_none();
        if came.iter().any(goes_on) {
            doubted.push(part);
        }
    }
    Ok(doubted)
}

impl Open {
    /// What our staff said of the consent under which it came, the newest first.
    ///
    /// # Errors
    /// `Store`.
    pub(in crate::usecases) fn doubts(&self, view: &dyn View) -> Result<Vec<crate::api::care::ReviewView>> {
        Ok(super::super::doubts(&threads::doubts(view, self.thread.other.org, self.thread.consent)?))
    }
}
