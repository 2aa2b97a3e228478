//! The letter of a referral off the network. It goes to nobody without a permit to export; each content is one disclosure,
//! however often it is printed, unless it was taken back since: then it was not handed over, and is told anew.

use crate::api::care::{LetterAsk, LetterView};
use crate::api::{Failure, Outcome};
use crate::forms::Styled;
use crate::usecases::referrals::Open;
use crate::usecases::staff::StaffSession;
use crate::usecases::{parties, people};
use belay_protocol::codec;
use belay_protocol::consent::{Action, Permit};
use belay_protocol::disclosure::{Brief, Looked, Note};
use belay_protocol::engine::{Step, Telling};
use belay_protocol::fault::Fault;
use belay_protocol::ids::{EntryHash, PersonId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Act, Body, Identity, Information, Line, Medication, Need, NeedStatus, Notice, Request};
use belay_protocol::time::Time;
use zeroize::Zeroizing;

/// The letter of a referral, to be printed or saved. The same content again is looked at, and on record once.
///
/// # Errors
/// A referral within the network; the refusal of `consent::decide`.
pub fn letter(step: &mut Step<'_>, session: &StaffSession, ask: &LetterAsk) -> Outcome<LetterView> {
    let open = Open::named(step, &ask.thread)?;
    if !super::off_network(&open.thread) {
        let message = format!("{} is on the network and has this referral already", open.thread.other.name);
        return Err(Failure::misuse(message).next("belay referral show THREAD"));
    }
    if open.state.place.is_final() {
        return Err(Failure::misuse("this referral has ended; there is nothing more to hand over")
            .next("belay referral show THREAD"));
    }
    hand_over(step, session, &open, ask)
}

/// Puts on record what staff told the partner beside a letter.
pub(super) fn tell(
    step: &mut Step<'_>,
    session: &StaffSession,
    open: &Open,
    permit: &Permit,
    (entry, what): (EntryHash, (Brief, &str)),
) -> Outcome<()> {
    let partner = super::get(step.draft(), open.thread.other.org)?
        .ok_or_else(|| Fault::store("the partner of a referral is missing"))?;
    let note = note(session, open, &partner.recipient(), what);
    let telling = [Telling { permit, note: &note }];
    if permit.went().is_some() {
        step.went(&telling, entry)?;
    } else {
        step.export(&telling, entry)?;
    }
    Ok(())
}

pub(super) fn note(session: &StaffSession, open: &Open, recipient: &str, (brief, what): (Brief, &str)) -> Note {
    Note {
        by: session.by(),
        person: open.thread.filed.unwrap_or(PersonId::ZERO),
        thread: open.thread.thread,
        recipient: recipient.to_owned(),
        brief,
        what: what.into(),
    }
}

/// What the letter says, as far as the consent permits it today.
struct Content<'o> {
    /// With the part of the consent as it stands today.
    notice: Notice,
    request: &'o Request,
    identity: Option<&'o Identity>,
    /// Those that are open, most urgent first.
    needs: Vec<Need>,
    /// As our staff wrote it into this referral last.
    medication: Option<&'o Medication>,
    sent: Time,
    permits: Vec<Permit>,
}

/// Whether a letter may go at all, before the referral is recorded.
pub(super) fn may_go(step: &mut Step<'_>, open: &Open) -> Outcome<()> {
    content(step, open).map(drop)
}

fn hand_over(step: &mut Step<'_>, session: &StaffSession, open: &Open, ask: &LetterAsk) -> Outcome<LetterView> {
    let content = content(step, open)?;
    let partner = super::get(step.draft(), open.thread.other.org)?
        .ok_or_else(|| Fault::store("the partner of a referral is missing"))?;
    let hash = content.hash(open, &partner.recipient());
    let known = super::files::stands(step.draft(), open.thread.thread, hash)?;
    let disclosed = match known {
        Some(at) => {
            people::look(step, session, Looked::Letter, open.thread.person, Some(open.thread.thread))?;
            at
        }
        None => {
            let told = content.permits.iter().map(|permit| what(permit.information()));
            let notes: Vec<Note> = told.map(|what| note(session, open, &partner.recipient(), what)).collect();
            let tellings: Vec<Telling<'_>> =
                content.permits.iter().zip(&notes).map(|(permit, note)| Telling { permit, note }).collect();
            if !planted::is(Bug::LetterUnrecorded) {
                let printed = super::files::printed(step, session, (open.thread.thread, hash))?;
                step.export(&tellings, printed)?;
            }
            step.context().now
        }
    };
    let from = parties::own(step)?.name;
    let paper = super::paper::Paper {
        from: &from,
        own: open.own,
        office: &ask.office,
        to: &partner,
        by: session.name(),
        sent: content.sent,
        thread: open.thread.thread,
        identity: content.identity,
        request: content.request,
        needs: &content.needs,
        medication: content.medication,
        notice: &content.notice,
    };
    let sheet = paper.sheet(ask.lang);
    Ok(LetterView {
        thread: open.thread.thread,
        recipient: partner.name.clone(),
        telephone: partner.telephone.clone(),
        text: sheet.text().as_str().into(),
        html: sheet.html(ask.style.as_deref().map_or(Styled::Inline, Styled::Linked)).as_str().into(),
        disclosed,
        first: known.is_none(),
        no_reach: ask.office.address.trim().is_empty() && ask.office.telephone.trim().is_empty(),
    })
}

fn content<'o>(step: &mut Step<'_>, open: &'o Open) -> Outcome<Content<'o>> {
    let permit = open.may_tell(step, Information::Referral, Action::Export).map_err(Fault::from)?;
    let mut permits = vec![permit];
    let (mut notice, mut request, mut identity) = (None, None, None);
    for placed in open.placed.iter().filter(|p| p.org == open.own) {
        match &placed.body {
            Some(Body::Notice(n)) if n.information == Information::Referral => notice = Some(&**n),
            Some(Body::Act(signed)) => match &signed.act {
                Act::Send(asked) => request = Some((asked, placed.time)),
                Act::Identity(who) => identity = Some(&**who),
                _ => {}
            },
            _ => {}
        }
    }
    // In the order of the fold: entries lie in order of their hashes, and an older dose is none to hand over.
    let ours = |line: &&Line| line.org == open.own && line.without_effect.is_none();
    let mut medication = open.state.history.iter().rev().filter(ours).find_map(|line| match &line.act {
        Act::Medication(list) => Some(&**list),
        _ => None,
    });
    let missing = || Fault::store("a referral lacks what its letter says");
    let (notice, (request, sent)) = (notice.ok_or_else(missing)?, request.ok_or_else(missing)?);
    let scope = open.part_today(Information::Referral, step.context().now).map_err(Fault::from)?;
    let notice = Notice { scope, ..notice.clone() };
    if identity.is_some() {
        match open.may_tell(step, Information::Identity, Action::Export) {
            Ok(permit) => permits.push(permit),
            Err(_) => identity = None,
        }
    }
    if medication.is_some() {
        match open.may_tell(step, Information::Medication, Action::Export) {
            Ok(permit) => permits.push(permit),
            Err(_) => medication = None,
        }
    }
    let mut needs = Vec::new();
    if !open.state.needs.is_empty()
        && let Ok(permit) = open.may_tell(step, Information::Social, Action::Export)
    {
        let unmet = open.state.needs.iter().filter(|need| need.status == NeedStatus::Open);
        needs = unmet.cloned().collect::<Vec<_>>();
        if !needs.is_empty() {
            permits.push(permit);
        }
    }
    Ok(Content { notice, request, identity, needs, medication, sent, permits })
}

impl Content<'_> {
    /// The hash of what is told, whatever the paper looks like.
    fn hash(&self, open: &Open, recipient: &str) -> EntryHash {
        let needs: Vec<_> = self.needs.iter().map(|need| (need.kind, &need.text)).collect();
        let said = (
            open.thread.thread,
            (open.thread.other.org, recipient),
            &self.notice.text,
            &self.notice.scope,
            self.request,
            self.identity,
            needs,
            self.medication,
        );
        EntryHash(sha256(b"belay letter v1\0", &[&Zeroizing::new(codec::encode(&said))]))
    }
}

const fn what(information: Information) -> (Brief, &'static str) {
    match information {
        Information::Identity => (Brief::Identity, "who the person is and how to reach the person, by letter"),
        Information::Medication => (Brief::Medication, "what the person takes, by letter"),
        Information::Social => (Brief::Need, "what the person needs, by letter"),
        _ => (Brief::Asked, "the referral by letter: reason, urgency, service asked for"),
    }
}
