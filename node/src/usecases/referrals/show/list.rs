//! The list of threads, and what it keeps of each.

use super::super::Open;
use super::super::consent::{is_open, part_of};
use super::super::left::{self, Gone};
use super::super::seen;
use crate::api::Outcome;
use crate::api::care::{ListAsk, ThreadRow, ThreadsView};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::Thread;
use crate::usecases::worklist::{self, Agreed, Ending, Kept, Word, standing::Waits};
use crate::usecases::{agreements, consents, outside, people};
use belay_protocol::consent::{Consent, Restriction, Signed, heads};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::disclosure::{Looked, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::referral::due::Facts;
use belay_protocol::referral::{Answer, Expiry, Information, Place, State, Subject};
use belay_protocol::sensitive::Personal;

/// Where it stands is the word of an organisation that may not be shown any more.
const HIDDEN: &str = "what they answered may not be shown";

/// A page of the list, on the record of who looked.
///
/// # Errors
/// `Store`; a place to go on from that is none.
pub fn list(step: &mut Step<'_>, session: &StaffSession, ask: &ListAsk) -> Outcome<ThreadsView> {
    let view = worklist::list(step, ask)?;
    // Whom a line was about, or where nobody knows, which referral it was: a page is turned often, and each look is kept for good.
    let line = |row: &ThreadRow| Shown { person: row.person, thread: row.person.is_none().then_some(row.id) };
    let shown = view.threads.iter().chain(&view.pressing).map(line).collect();
    people::look_at(step, session, Looked::ThreadList, shown)?;
    Ok(view)
}

/// What the list keeps of a thread, by its fold.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn kept(step: &mut Step<'_>, thread: Thread, agreed: &mut Agreed) -> Outcome<Kept> {
    let open = Open::new(step, thread)?;
    summary(step, &open, agreed)
}

pub(super) fn summary(step: &mut Step<'_>, open: &Open, agreed: &mut Agreed) -> Outcome<Kept> {
    let thread = &open.thread;
    let (state, place) = (&open.state, open.state.place);
    let incoming = thread.direction == Direction::Incoming;
    // What may not be shown is in no list either (2.31(c)(4)): as `Eyes` let it through for the whole thread.
    let parties = thread.parties(open.own);
    let mut shown = |org| org == open.own || open.may_show(step, org, Information::Referral).is_some();
    let (asked, answered) = (shown(parties.sender), shown(parties.recipient));
    // That we sent it is our own word; where it stands since then is theirs.
    let hidden = state.answer == Answer::Permitted && !answered && !matches!(place, Place::Nothing | Place::Sent);
    // Without answers an end can only be our own.
    let known = (state.answer == Answer::Permitted && !hidden) || place == Place::Nothing || {
        state.answer != Answer::Permitted && (incoming || place.is_final())
    };
    let row = ThreadRow {
        id: thread.thread,
        direction: if incoming { "incoming" } else { "outgoing" }.to_owned(),
        other: thread.other.org,
        other_name: thread.other.name.clone(),
        off_network: outside::off_network(thread),
        team: team(step, open)?,
        recipient: thread.recipient.map(|org| open.name_of(org)),
        person: thread.person,
        name: name(step, open)?,
        state: String::new(),
        status: known.then(|| place.status().to_owned()),
        business: place.business().filter(|_| known).map(|(code, _)| code.to_owned()),
        urgency: state.request.as_ref().filter(|_| asked).map(|request| request.urgency),
        // To find a number where the recipient is late.
        service: state
            .request
            .as_ref()
            .filter(|_| !incoming)
            .and_then(|request| Some(request.service.as_ref()?.listing.clone())),
        appointment_at: state.appointment.as_ref().filter(|_| !hidden).map(|appointment| appointment.at),
        answerable: (state.answer == Answer::Permitted && !hidden && open.left_out(Information::Referral).is_none())
            || place == Place::Nothing,
        ended: None,
        updated: open.placed.iter().filter(|p| p.body.is_some()).map(|p| p.time).max().unwrap_or_default(),
        due: Vec::new(),
    };
    let mut facts = Facts::of(state, parties, (open.own, open.actor()), told(state).and_then(Expiry::at));
    let ending = ending(step, open)?;
    let over = ending.over(step.context().now);
    let unread = seen::unread(step, open, over)?;
    let written = unread.words.filter(|_| if incoming { asked } else { answered });
    facts.here.unread = written.into_iter().chain(unread.end).min().map(|since| (since, open.actor()));
    facts.here.plan = super::super::known::to_put_right(step, open)?.map(|(timer, since)| (timer, since, open.actor()));
    facts.here.died = thread.person.map(|person| people::died(step.draft(), person)).transpose()?.unwrap_or_default();
    if over.is_none() && open.end_unheard() {
        facts.here.unheard = Some(open.actor());
    }
    let untold = if over.is_none() { open.untold_since(step)? } else { None };
    // Staff who said since what comes next for the person need not.
    let untold = untold.filter(|since| state.settled.is_none_or(|at| at < *since));
    facts.here.untold = untold.map(|since| (since, open.actor()));
    let by_hand = if over.is_none() { open.by_hand_since(step)? } else { None };
    facts.here.by_hand = by_hand.map(|(what, since)| (what, since, open.actor()));
    if row.off_network {
        // Nobody there is late before something went there.
        let went = outside::first_told(step.draft(), thread.thread)?;
        facts.here.to_hand_over = went.is_none();
        facts.sent = facts.sent.max(went);
    }
    let mut kept = Kept {
        row,
        stands: if hidden { HIDDEN.to_owned() } else { words(open) },
        facts,
        ending,
        consent: (!thread.tied()).then_some(thread.consent),
        agreement: None,
        waits: Waits::Nobody,
        until: None,
    };
    kept.retime(step, agreed)?;
    Ok(kept)
}

/// Who of the team is in it; of a thread that nobody is in any more, who was.
fn team(step: &mut Step<'_>, open: &Open) -> Result<Vec<String>> {
    let thread = &open.thread;
    let mut inside = Vec::new();
    if thread.is_team() {
        for other in thread.others() {
            for (_, space) in &thread.spaces {
                if is_open(step, *space, other.org)? {
                    inside.push(other.org);
                }
            }
        }
    }
    let shown = thread.team.iter().filter(|party| inside.is_empty() || inside.contains(&party.org));
    Ok(shown.map(|party| party.name.clone()).collect())
}

/// When the consent ends by what was told in the thread: the newest notice of the referral itself says it; one of a kind that was
/// closed since is old.
fn told(state: &State) -> Option<&Expiry> {
    let told = state.scopes.iter().max_by_key(|(kind, scope)| (*kind == Information::Referral, scope.version));
    told.map(|(_, scope)| &scope.expiry)
}

/// How the consent behind it ends or ended.
///
/// # Errors
/// `Store`.
pub(in crate::usecases::referrals) fn ending(step: &mut Step<'_>, open: &Open) -> Outcome<Ending> {
    let thread = &open.thread;
    let now = step.context().now;
    let told = told(&open.state);
    let ending = Ending {
        gone: thread.gone,
        taken_back: thread.taken_back,
        heard: thread.heard,
        unwanted: thread.unwanted,
        ends: told.and_then(Expiry::at),
        event: matches!(told, Some(Expiry::Event(_))),
        tied: thread.tied(),
        suspended: thread.doubted,
        ..Ending::default()
    };
    if thread.tied() {
        let tie = agreements::tied(step, thread.other.org, thread.person)?;
        let holds = tie.as_ref().is_some_and(|tie| tie.agreement.is_some());
        let ours = thread.direction == Direction::Outgoing;
        // What our side agreed with the person not to tell.
        let forbids = |one: &&Restriction| ours && one.forbids(thread.other.org, Information::Referral);
        let shut = tie.as_ref().filter(|_| holds).and_then(|tie| tie.withheld.iter().find(forbids));
        let by_word = shut.map(|one| (one.at, Word::LeftOut));
        let again = holds && ours && by_word.is_none() && left::gone(step, open)? == Some(Gone::TakenOut);
        let left = match (holds, again) {
            (false, _) => Some("the agreement that it goes by has ended".to_owned()),
            (true, true) => Some(Gone::TakenOut.words().to_owned()),
            (true, false) => None,
        };
        return Ok(Ending {
            ends: tie.and_then(|tie| tie.until).map(|until| until.at),
            left,
            by_word,
            again,
            ..ending
        });
    }
    if thread.direction == Direction::Incoming {
        return Ok(ending);
    }
    let versions = consents::versions(step.draft(), thread.consent, thread.version)?;
    let Some(newest) = versions.last() else { return Ok(ending) };
    // A version before may have ended by word; when it ends by itself the newest says.
    let ended = versions.iter().find_map(|consent| match consent {
        Consent::Revoked(revoked) => Some((revoked.at, Word::TakenBack)),
        Consent::Void(void) => Some((void.at, Word::False)),
        Consent::Signed(_) | Consent::Draft(_) => None,
    });
    // Narrowed, or left out at the person's request, until we may tell nothing: then its spaces are closed.
    let (own, other) = (step.org(), thread.other.org);
    let part = part_of(&versions, other).ok();
    let signed = newest.signed();
    let withdrawn = signed.and_then(|s| s.withdrawn.iter().find(|w| w.party == other));
    let since = || signed.map_or(now, |signed| signed.recorded);
    let shut = match (newest.terms().party(other), withdrawn) {
        (None, _) => Some((since(), Word::NotNamed)),
        (Some(_), Some(withdrawn)) => Some((withdrawn.at, Word::TakenBackForThem)),
        (Some(_), None) => {
            let nothing = part.as_ref().is_some_and(|part| part.flows.iter().all(|flow| flow.from != own));
            let asked = signed.and_then(|signed| signed.restriction(other, Information::Referral));
            let word = match asked {
                Some(asked) => (asked.at, Word::LeftOut),
                None if open.newly(step, Information::Referral) => (since(), Word::Anew),
                None => (since(), Word::NothingMore),
            };
            nothing.then_some(word)
        }
    };
    // If it left by itself, the person may have revoked there, and the consent gives no way to say so. What the time says comes later.
    let told = part.is_some_and(|part| part.opens(own, other, Information::Referral));
    let gone = if told && shut.is_none() && ended.is_none() { left::alone(step, open)? } else { None };
    let telephone = gone == Some(Gone::Left) && !left::said(step.draft(), open)?;
    let who = if telephone { Some(left::who(step, open)?.org) } else { None };
    // Who was referred to may be out of a team's thread while the others go on.
    let shut = if thread.is_team() && super::super::team::stands(step, open)? { None } else { shut };
    Ok(Ending {
        by_word: ended.or(shut),
        ends: heads(&versions).into_iter().filter_map(|c| c.signed()?.ends()).min(),
        ours: true,
        left: gone.map(|gone| gone.words().to_owned()),
        again: gone == Some(Gone::TakenOut),
        telephone,
        who,
        suspended: signed.and_then(Signed::suspended).map(|doubt| doubt.at),
        ..ending
    })
}

/// Where it stands, and what both sides wrote at once, so that people look at both.
fn words(open: &Open) -> String {
    let mut hidden: Vec<&str> = open.state.hidden().into_iter().map(Subject::words).collect();
    hidden.dedup();
    match hidden.as_slice() {
        [] => open.state.words(open.actor()),
        hidden => {
            format!("{}; look at both: both sides wrote {} at once", open.state.words(open.actor()), hidden.join(", "))
        }
    }
}

/// The person's name: of our own record once there is one, else as the thread tells it, if it may be shown.
fn name(step: &mut Step<'_>, open: &Open) -> Result<Option<Personal<String>>> {
    if let Some(person) = open.thread.person
        && let Some(person) = people::get(step.draft(), person)?
    {
        return Ok(Some(person.identity.name));
    }
    Ok(open.identity(step).map(|identity| identity.name))
}
