//! Who the person of an incoming thread is. The newest word holds, and each stays on record with who said it, when and why.

use super::{Open, settled, show};
use crate::api::care::{LinkAsk, LinkedView, LinkingView, Named, ThreadView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::{emergency, people, threads};
use belay_protocol::disclosure::private::{Direction, Linked};
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{self, Against, Identity};
use belay_protocol::sensitive::Personal;

/// Staff say who the person of an incoming thread is: one of ours, somebody new with what the thread tells, or nobody of ours after all.
/// Who says otherwise than the word before says why. What was written here goes with the word: out of the copies for emergencies of whom
/// it was not, and into those of whom it is.
///
/// # Errors
/// An outgoing thread; somebody new though the consent tells us nothing about who it is, or who looks like somebody on record; one of ours whose
/// name or date of birth is unlike what the thread tells, unless that is said on purpose; what is on
/// record already; another word without a reason.
pub fn link(step: &mut Step<'_>, session: &StaffSession, ask: &LinkAsk) -> Outcome<ThreadView> {
    let open = Open::named(step, &ask.thread)?;
    let thread = open.thread.thread;
    if open.thread.direction == Direction::Outgoing {
        return Err(Failure::misuse("only an incoming referral is linked; this one was sent from here"));
    }
    super::act::wanted(&open)?;
    let (before, why) = (open.thread.person, ask.why.reveal().trim());
    if before.is_some() && why.is_empty() {
        return Err(Failure::misuse("this referral is linked to a person already; who says otherwise says why").next(
            format!("belay referral link {} --why @FILE, with --person PERSON, --new or --nobody", thread.short()),
        ));
    }
    let mut unlike = None;
    let person = match &ask.who {
        Named::Person(given) => {
            let known = people::find(step.draft(), given)?;
            if before != Some(known.id) {
                unlike = against(step, &open, &known.identity, ask.same)?;
            }
            Some(known.id)
        }
        Named::Nobody => None,
        Named::New => Some(new(step, session, &open, ask.another)?),
    };
    if person == before {
        let what =
            if before.is_some() { "that is what is on record already" } else { "nobody is on record for it yet" };
        return Err(Failure::misuse(what).next(format!("belay referral show {}", thread.short())));
    }
    let number = threads::linked(step.draft(), thread)?.map_or(1, |word| word.number.saturating_add(1));
    let why = if why.is_empty() { unlike.unwrap_or_default() } else { why.to_owned() };
    let linked = Linked { thread, number, person, why: why.as_str().into(), by: session.by(), at: step.context().now };
    let body = PrivateBody::Linked(Box::new(linked));
    PrivateBody::decode(&body.encode())?;
    step.write_private(&body.encode())?;
    settled(step)?;
    if let Some(before) = before {
        people::look(step, session, Looked::Thread, Some(before), Some(thread))?;
    }
    // From the store: what the word before said may hold against this one.
    let open = Open::named(step, &thread.to_string())?;
    if open.thread.person != before {
        emergency::relinked(step, session, &open.thread, before)?;
        settled(step)?;
    }
    show::view(step, session, &open)
}

/// Where what the thread tells of the person is unlike what is on record of this one, it is said on purpose that they are the same: the words
/// that are kept of that. Which of the two is unlike is a look at the record, and a refusal leaves none.
fn against(step: &mut Step<'_>, open: &Open, known: &Identity, same: bool) -> Outcome<Option<String>> {
    let Some(told) = open.identity(step) else { return Ok(None) };
    let what = match referral::against(&told, known).as_slice() {
        [] => return Ok(None),
        [Against::Name] => "the name is",
        [Against::BirthDate] => "the date of birth is",
        [..] => "name and date of birth are",
    };
    if same {
        return Ok(Some(format!("said to be the same person, though {what} unlike")));
    }
    let why = "name or date of birth on record are unlike what this referral tells: look at both, and say once more that it is the same person, \
               if it is";
    Err(Failure::misuse(why).next(format!(
        "belay person show PERSON, and if it is the same: belay referral link {} --person PERSON --same-person",
        open.thread.thread.short()
    )))
}

/// Somebody new, with what the thread tells.
fn new(step: &mut Step<'_>, session: &StaffSession, open: &Open, another: bool) -> Outcome<PersonId> {
    let identity = open.identity(step).ok_or_else(|| {
        Failure::misuse("this referral does not say who the person is; add the person and link to them")
            .next("belay person add, then belay referral link THREAD --person PERSON")
    })?;
    let thread = open.thread.thread.short();
    // Once somebody is linked the referral names nobody whom it may be.
    let (look, why) = match open.thread.person {
        None => (format!("belay referral show {thread}"), ""),
        Some(_) => ("belay person list".to_owned(), " --why @FILE"),
    };
    let next = format!(
        "{look} says who it may be; then belay referral link {thread} --person PERSON{why}, or if it is somebody else belay referral link {thread} \
         --new --another{why}"
    );
    let fields = people::to_fields(&identity, &Personal::default());
    Ok(people::new_beside(step, session, &fields, (another, &next))?.id)
}

/// The name that a referral tells, if staff may be shown it.
pub(in crate::usecases) fn told_name(
    step: &mut Step<'_>,
    thread: threads::Thread,
) -> Outcome<Option<Personal<String>>> {
    let open = Open::new(step, thread)?;
    Ok(open.identity(step).map(|who| who.name).filter(|name| !name.reveal().is_empty()))
}

/// What the page of a thread knows of it; nothing where it can not be linked.
pub(super) fn view(step: &mut Step<'_>, open: &Open) -> Result<Option<LinkingView>> {
    if open.thread.direction == Direction::Outgoing || open.thread.unwanted {
        return Ok(None);
    }
    let word = threads::linked(step.draft(), open.thread.thread)?;
    let said = word.map(|word| LinkedView { staff: word.by.name, at: word.at, why: word.why });
    Ok(Some(LinkingView { told: open.identity(step).is_some(), said }))
}
