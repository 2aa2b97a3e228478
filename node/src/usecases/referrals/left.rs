//! A recipient that left a referral of ours by itself while the consent stands. It may have heard the person revoke, and the consent
//! gives it no way to say so: so nothing more is written there, and nothing new is sent to it under that consent, until staff have
//! telephoned and put on record why it left.

use super::{Open, settled, show};
use crate::api::care::ThreadView;
use crate::api::{Failure, Outcome};
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::{outside, short_enough, worklist};
use belay_protocol::consent::Action;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::{Direction, Left};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, OrgId, SpaceId, ThreadId};
use belay_protocol::referral::{Information, Party};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::sync::rights;

/// How the recipient of a referral of ours came to be out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// By itself.
    Left,
    /// By us alone: the consent had ended by a clock that was put right since, or named it no more for a while.
    TakenOut,
}

impl Gone {
    /// What staff read of such a referral.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Left => "the recipient has left; telephone",
            Self::TakenOut => "it was ended here; what it rests on lets a new one be sent",
        }
    }
}

/// How the recipient of a referral of ours came to be out of it, where the consent lets us tell it today.
///
/// # Errors
/// `Store`.
pub(super) fn gone(step: &mut Step<'_>, open: &Open) -> Result<Option<Gone>> {
    match alone(step, open)? {
        Some(gone) if open.may_tell(step, Information::Referral, Action::Grant).is_ok() => Ok(Some(gone)),
        Some(_) | None => Ok(None),
    }
}

/// Whether we stand in a referral of ours without its recipient, whatever the consent lets us tell today, and since whose word.
///
/// # Errors
/// `Store`.
pub(super) fn alone(step: &mut Step<'_>, open: &Open) -> Result<Option<Gone>> {
    if open.thread.direction == Direction::Incoming || outside::off_network(&open.thread) {
        return Ok(None);
    }
    let Some(space) = open.thread.space(Information::Referral) else { return Ok(None) };
    let (engine, draft) = step.engine();
    let own = engine.org();
    let fold = engine.fold(draft, space)?;
    if fold.closed || !fold.members.contains_key(&own) {
        return Ok(None);
    }
    let (mut found, mut left) = (None, false);
    for other in open.thread.others() {
        match absent(step, open, space, other.org)? {
            Stands::Never => {}
            Stands::In => left = true,
            Stands::Out(gone) => found = if found == Some(Gone::Left) { found } else { Some(gone) },
        }
    }
    // Of a team the others go on, once it is known why one left.
    let known = found != Some(Gone::Left) || said(step.draft(), open)?;
    Ok(found.filter(|_| !left || !known))
}

/// Whether an organisation is in the space of the referral itself.
enum Stands {
    In,
    Out(Gone),
    /// In a team: what the person asked to leave out never let it in.
    Never,
}

fn absent(step: &mut Step<'_>, open: &Open, space: SpaceId, other: OrgId) -> Result<Stands> {
    let (engine, draft) = step.engine();
    let own = engine.org();
    if engine.fold(draft, space)?.members.contains_key(&other) {
        return Ok(Stands::In);
    }
    let removals = rights::removals_from(draft, other, space)?;
    if removals.is_empty() && open.thread.is_team() {
        return Ok(Stands::Never);
    }
    // A word of its own beside ours may be of a person who revoked there.
    let mut gone = if removals.is_empty() { Gone::Left } else { Gone::TakenOut };
    for removal in removals {
        if engine.spaces().author_org(draft, &removal)? != Some(own) {
            gone = Gone::Left;
        }
    }
    Ok(Stands::Out(gone))
}

/// Whom staff have to telephone about it: who left by itself, else the recipient.
pub(super) fn who<'o>(step: &mut Step<'_>, open: &'o Open) -> Result<&'o Party> {
    if let Some(space) = open.thread.space(Information::Referral) {
        for other in open.thread.others() {
            if matches!(absent(step, open, space, other.org)?, Stands::Out(Gone::Left)) {
                return Ok(other);
            }
        }
    }
    Ok(&open.thread.other)
}

/// Whether staff have put on record why.
///
/// # Errors
/// `Store`.
pub(super) fn said(view: &dyn View, open: &Open) -> Result<bool> {
    Ok(records::get(view, Kind::Left, &open.thread.thread.0)?.is_some())
}

/// Nothing is written where nobody is left to read it.
///
/// # Errors
/// The recipient is out of it.
pub(super) fn refuse_act(step: &mut Step<'_>, open: &Open) -> Outcome<()> {
    let Some(gone) = gone(step, open)? else { return Ok(()) };
    let name = &who(step, open)?.name;
    let why = match gone {
        Gone::TakenOut => format!("this referral was ended here for {name}, which reads nothing of it any more"),
        Gone::Left if said(step.draft(), open)? => {
            format!("{name} has left this referral, and reads nothing of it any more")
        }
        Gone::Left => return Err(unsaid(name, open.thread.thread, open.thread.consent)),
    };
    Err(Failure::not_permitted(why).next("belay referral send, for a new one"))
}

/// Nothing is sealed into a part of a referral of ours that its recipient has no place in, though the consent lets us tell it that: it
/// would go to nobody, and staff would think it was told.
///
/// # Errors
/// `NotPermitted`, with what to do.
pub(super) fn refuse_unread(step: &mut Step<'_>, open: &Open, kind: Information, space: SpaceId) -> Result<()> {
    if open.thread.direction == Direction::Incoming || outside::off_network(&open.thread) {
        return Ok(());
    }
    let (engine, draft) = step.engine();
    if engine.fold(draft, space)?.reading().any(|org| open.thread.with(org).is_some()) {
        return Ok(());
    }
    Err(Fault::not_permitted(format!(
        "{} has no place in the `{kind}` part of this referral any more, so nothing written there would reach it; send a new referral \
         under the consent, or telephone",
        open.thread.other.name
    )))
}

/// Nothing new goes under a consent that the person may have revoked there.
///
/// # Errors
/// The organisation left a referral under this consent, and nobody has put on record why.
pub(in crate::usecases) fn refuse_new(step: &mut Step<'_>, consent: ConsentId, to: &Party) -> Outcome<()> {
    match worklist::left_by(step, consent, to.org)? {
        Some(thread) => Err(unsaid(&to.name, thread, consent)),
        None => Ok(()),
    }
}

fn unsaid(name: &str, thread: ThreadId, consent: ConsentId) -> Failure {
    let thread = thread.short();
    Failure::not_permitted(format!(
        "{name} has left referral {thread} by itself: the person may have revoked the consent there (42 CFR 2.31(c)(3))"
    ))
    .next(format!(
        "Telephone them; then belay consent revoke {}, or if it was for something else belay referral left {thread} --why @FILE",
        consent.short()
    ))
}

/// Puts on record why it left, where that was no revocation.
///
/// # Errors
/// It has not left; no reason.
pub(super) fn say(
    step: &mut Step<'_>,
    session: &StaffSession,
    open: Open,
    why: &Personal<String>,
) -> Outcome<ThreadView> {
    let text = why.reveal().trim();
    if text.is_empty() {
        return Err(Failure::misuse("write down what they said on the telephone").next("--why @FILE"));
    }
    short_enough(why)?;
    if gone(step, &open)? != Some(Gone::Left) {
        let why = format!("{} has not left this referral by itself", open.thread.other.name);
        return Err(Failure::misuse(why).next("belay referral show THREAD"));
    }
    let left = Left { thread: open.thread.thread, why: text.into(), by: session.by(), at: step.context().now };
    step.write_private(&PrivateBody::Left(Box::new(left)).encode())?;
    settled(step)?;
    let open = Open::new(step, open.thread)?;
    show::view(step, session, &open)
}
