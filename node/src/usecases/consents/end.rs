//! How a consent ends: by the person's word, at whichever organisation it was heard; by the event it names; because it is known
//! to be false.

mod both;
mod came;
mod doubt;
mod elsewhere;
mod event;
mod heard;
pub mod itself;
mod wish;

pub(super) use both::bind_ended;
pub use both::would_bind;
pub use came::doubted;
pub use doubt::suspend;
pub use elsewhere::heard_for;
pub use event::{event, strike};
pub(super) use event::{events, struck};
pub use heard::{heard_due, heard_follow, said, waiting};
pub use wish::{said_early, unsay, wish};

use super::{in_force, others, write, write_and_show};
use crate::api::care::{ConsentView, RevokePreview};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{calls, named, parties, people, threads};
use belay_protocol::consent::{Consent, Revoked, Signed, Told, Void};
use belay_protocol::disclosure::Looked;
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{By, Purpose, is_outside};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// What was told stays told: 2.31(a)(6), and 2.16 for the record.
const CANNOT: &str = "What was told before stays told: it can not be called back, and who has relied on it may keep it \
(42 CFR 2.31(a)(6)). It stays on the record of disclosures.";

/// What a revocation would do, before it is confirmed.
///
/// # Errors
/// As [`revoke`].
pub fn revoke_preview(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    party: Option<&str>,
) -> Outcome<RevokePreview> {
    if !super::ours(step.draft(), given)?
        && let Some(preview) = heard::preview(step, session, given, party)?
    {
        return Ok(preview);
    }
    let consent = in_force(step.draft(), given)?;
    people::look(step, session, Looked::Consent, Some(consent.person()), None)?;
    let left = left_open(step, &consent)?;
    if left > 0 {
        return Ok(RevokePreview {
            consent: consent.id(),
            party: None,
            referrals: left,
            early: false,
            does: format!("This consent has ended. {left} of its referrals are still open here, and close now."),
            cannot: CANNOT.to_owned(),
        });
    }
    let signed = still_signed(consent)?;
    let (own, now) = (parties::own(step)?, step.context().now);
    let party = party.map(|given| one_of(&signed, own.org, given)).transpose()?;
    if let Err(early) = signed.revocable(now) {
        let terms = &signed.terms;
        return Ok(RevokePreview {
            consent: signed.id,
            party: party.and_then(|org| terms.party(org)).map(|party| party.name.clone()),
            referrals: 0,
            early: true,
            does: format!(
                "Nothing yet: {} ({}). What the person said is put on record with today's date and your name, is shown with the consent, \
                 and takes effect by itself then. Until then the consent goes on.",
                early.why, early.clause
            ),
            cannot: CANNOT.to_owned(),
        });
    }
    let consent = Consent::Signed(signed.clone());
    let named: Vec<(OrgId, String)> =
        others(&consent, own.org).into_iter().filter(|(org, _)| party.is_none_or(|p| p == *org)).collect();
    let (mut referrals, mut finished, mut going_on) = (0_u32, 0_u32, 0_u32);
    for thread in threads::under(step.draft(), signed.id)? {
        if !still_told(step, &thread, &named)? {
            continue;
        }
        // Of a team one alone is taken out.
        let stay: Vec<(OrgId, String)> = thread
            .others()
            .filter(|other| named.iter().all(|(org, _)| *org != other.org))
            .map(|other| (other.org, other.name.clone()))
            .collect();
        let goes_on = still_told(step, &thread, &stay)?;
        let ended = crate::usecases::referrals::Open::new(step, thread)?.state.place.is_final();
        *(match (ended, goes_on) {
            (true, _) => &mut finished,
            (false, true) => &mut going_on,
            (false, false) => &mut referrals,
        }) += 1;
    }
    let mut after = String::new();
    if going_on > 0 {
        after.push_str(&format!(
            " Referrals of a team that go on with the others, without {}: {going_on}.",
            called(&named)
        ));
    }
    if finished > 0 {
        after.push_str(&format!(" Of {finished} that came to an end before nothing more is told either."));
    }
    let by_whom = seen_by(step, &consent, &named)?;
    let besides = both::besides(step, &ended(signed.clone(), party, Word::of(Told::Spoken, &session.by()), now)?)?;
    let names = called(&named);
    let back = way_back(&signed, own.org, &named);
    let stays = match referrals {
        0 => "",
        _ => " Each stays on the list, here and there, until that side has said what comes next for the person.",
    };
    Ok(RevokePreview {
        consent: signed.id,
        party: party.and_then(|p| named.iter().find(|(org, _)| *org == p).map(|(_, name)| name.clone())),
        referrals,
        early: false,
        does: format!(
            "From now on {} tells {names} nothing more about this person under this consent, and they can open nothing that \
             is written later.{back} Referrals that close: {referrals}.{stays}{after}{by_whom}{besides}",
            own.name
        ),
        cannot: CANNOT.to_owned(),
    })
}

/// What comes back no more: who was let tell us what became of the person, and tells it no more.
fn way_back(signed: &Signed, own: OrgId, named: &[(OrgId, String)]) -> String {
    let tells = |org: OrgId| {
        signed.terms.flows.iter().any(|flow| (flow.from, flow.to) == (org, own) && flow.purpose != Purpose::Emergency)
    };
    let back: Vec<&str> = named.iter().filter(|(org, _)| tells(*org)).map(|(_, name)| name.as_str()).collect();
    match back.as_slice() {
        [] => String::new(),
        back => format!(
            " Nor is anything told back here by {}: whether the person came there, and how it goes, is not heard any more.",
            back.join(", ")
        ),
    }
}

fn called(named: &[(OrgId, String)]) -> String {
    named.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether one of these may still be told something in it: on the network by a space that is open to it, else until staff end it.
fn still_told(step: &mut Step<'_>, thread: &threads::Thread, named: &[(OrgId, String)]) -> Result<bool> {
    for (org, _) in named.iter().filter(|(org, _)| thread.with(*org).is_some()) {
        if is_outside(*org) {
            return Ok(true);
        }
        for (_, space) in &thread.spaces {
            if crate::usecases::referrals::is_open(step, *space, *org)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whose nodes show it, and who hears of it by telephone alone.
fn seen_by(step: &mut Step<'_>, consent: &Consent, named: &[(OrgId, String)]) -> Outcome<String> {
    let (mut nodes, mut phone) = (Vec::new(), String::new());
    for (org, name) in named {
        let Some(number) = calls::by_telephone(step, consent, *org)? else {
            if calls::reached(step, *org) {
                nodes.push(name.as_str());
            }
            continue;
        };
        let number = number.map_or_else(String::new, |phone| format!(" ({})", phone.telephone));
        let where_it_is =
            if is_outside(*org) { "is not on the network" } else { "is in no coalition with us any more" };
        phone.push_str(&format!(
            " {name} {where_it_is} and hears of it from you alone: tell them{number}. It stands in your list until you have."
        ));
    }
    let shows = match nodes.as_slice() {
        [] => String::new(),
        [one] => format!(" The node of {one} shows it as soon as it is reachable."),
        more => format!(" The nodes of {} show it as soon as they are reachable.", more.join(", ")),
    };
    Ok(format!("{shows}{phone}"))
}

/// Ends a consent, as a whole or for one party: at once every space of its threads is closed to whom it names, and nothing more
/// is told under it. What was told before stays told. At an organisation that got it with a referral: it stops at once, and the
/// organisation that keeps the consent is told.
///
/// # Errors
/// A draft, or what has ended before; a consent for criminal justice that can not be revoked yet (2.35(c)).
pub fn revoke(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    party: Option<&str>,
    spoken: bool,
) -> Outcome<ConsentView> {
    let told = Told::heard(spoken);
    if !super::ours(step.draft(), given)?
        && let Some(view) = heard::here(step, session, given, party, told)?
    {
        return Ok(view);
    }
    let consent = in_force(step.draft(), given)?;
    if left_open(step, &consent)? > 0 {
        close(step, &session.by(), consent.id(), None)?;
        return write_and_show(step, session, &consent);
    }
    let (signed, party) = asked(step, consent, party)?;
    let by = session.by();
    let word = Word::of(told, &by);
    wish::said_again(step, &signed, party, &word)?;
    let consent = end(step, signed, party, word)?;
    both::bind_ended(step, consent.person())?;
    for thread in threads::under(step.draft(), consent.id())? {
        crate::usecases::referrals::ended_here(step, thread.thread)?;
    }
    write_and_show(step, session, &consent)
}

/// The person's word by which a consent ends.
#[derive(Clone, Copy)]
struct Word<'a> {
    told: Told,
    by: &'a By,
    /// When it was said, if that was of a consent under another record of the person's.
    bound: Option<Time>,
}

impl<'a> Word<'a> {
    /// Of this very consent.
    const fn of(told: Told, by: &'a By) -> Self {
        Self { told, by, bound: None }
    }
}

/// Ends it and closes its threads.
fn end(step: &mut Step<'_>, signed: Signed, party: Option<OrgId>, word: Word<'_>) -> Outcome<Consent> {
    let (now, by) = (step.context().now, word.by);
    if party.is_some() && planted::is(Bug::PartyForgotten) {
        return Ok(Consent::Signed(signed));
    }
    let consent = ended(signed, party, word, now)?;
    follow(step, by, &consent, party.as_slice())?;
    Ok(consent)
}

/// A consent ended just now, for these alone or as a whole: its threads are closed.
fn follow(step: &mut Step<'_>, by: &By, consent: &Consent, apart: &[OrgId]) -> Outcome<()> {
    write(step, by, consent)?;
    calls::unreached(step, consent)?;
    if apart.is_empty() {
        close(step, by, consent.id(), None)?;
        return Ok(());
    }
    for party in apart {
        close(step, by, consent.id(), Some(*party))?;
    }
    // The others may not tell them any more either.
    super::sign::follow_through(step, Some(by), consent.id())
}

/// The consent as it stands after the person's word.
fn ended(mut signed: Signed, party: Option<OrgId>, word: Word<'_>, now: Time) -> Outcome<Consent> {
    Ok(match party {
        None => Consent::Revoked(signed.revoke(word.told, word.by.clone(), now).map_err(Fault::from)?),
        Some(org) => {
            take_out(&mut signed, org, word, now)?;
            Consent::Signed(signed)
        }
    })
}

fn take_out(signed: &mut Signed, org: OrgId, Word { told, by, bound }: Word<'_>, now: Time) -> Outcome<()> {
    signed.withdraw(org, told, by.clone(), now)?;
    for gone in signed.withdrawn.iter_mut().filter(|gone| (gone.party, gone.at) == (org, now)) {
        gone.bound = bound;
    }
    Ok(())
}

/// How many referrals under a consent that has ended by word are open all the same, because closing them failed.
fn left_open(step: &mut Step<'_>, consent: &Consent) -> Result<u32> {
    if matches!(consent, Consent::Draft(_) | Consent::Signed(_)) {
        return Ok(0);
    }
    let mut left = 0;
    for thread in threads::under(step.draft(), consent.id())? {
        let mut open = false;
        for (_, space) in &thread.spaces {
            for other in thread.others() {
                open |= crate::usecases::referrals::is_open(step, *space, other.org)?;
            }
        }
        left += u32::from(open);
    }
    Ok(left)
}

/// Closes the threads under a consent to one organisation, or to all.
fn close(step: &mut Step<'_>, by: &By, id: ConsentId, only: Option<OrgId>) -> Result<()> {
    let versions = super::versions(step.draft(), id, 0)?;
    for thread in threads::under(step.draft(), id)? {
        for other in thread.others().filter(|other| only.is_none_or(|org| org == other.org)) {
            crate::usecases::referrals::close_thread(step, by, &thread, (other.org, &versions))?;
        }
    }
    Ok(())
}

/// Records that the consent is known to be materially false: nothing rests on it any more, nor is shown (2.31(c)(4)).
///
/// # Errors
/// Somebody who may not bind the organisation; a draft, or what is known to be false already; no reason.
pub fn void(step: &mut Step<'_>, session: &StaffSession, given: &str, why: &Personal<String>) -> Outcome<ConsentView> {
    staff::may_bind(step.draft(), session)?;
    let (signed, revoked) = to_judge(step, given)?;
    if why.reveal().trim().is_empty() {
        return Err(Failure::misuse("write down what is false in it").next("--why @FILE"));
    }
    let at = step.context().now;
    let consent = Consent::Void(Void { signed, at, why: why.reveal().trim().into(), by: session.by(), revoked });
    write(step, &session.by(), &consent)?;
    close(step, &session.by(), consent.id(), None)?;
    write_and_show(step, session, &consent)
}

/// When the person took a consent back, how, and who heard it.
type TakenBack = (Time, Told, By);

/// What can be judged false, or not: also what the person took back, with that word.
fn to_judge(step: &mut Step<'_>, given: &str) -> Outcome<(Signed, Option<TakenBack>)> {
    Ok(match in_force(step.draft(), given)? {
        Consent::Revoked(Revoked { signed, at, told, heard_by }) => (signed, Some((at, told, heard_by))),
        consent => (still_signed(consent)?, None),
    })
}

/// The newest signed version of a consent, if it has not ended by word.
pub(super) fn signed(step: &mut Step<'_>, given: &str) -> Outcome<Signed> {
    still_signed(in_force(step.draft(), given)?)
}

/// What is to end, and for whom alone.
fn asked(step: &mut Step<'_>, consent: Consent, party: Option<&str>) -> Outcome<(Signed, Option<OrgId>)> {
    let signed = still_signed(consent)?;
    let own = parties::own(step)?.org;
    let party = party.map(|given| one_of(&signed, own, given)).transpose()?;
    Ok((signed, party))
}

fn still_signed(consent: Consent) -> Outcome<Signed> {
    match consent {
        Consent::Signed(signed) => Ok(signed),
        Consent::Draft(_) => {
            Err(Failure::misuse("this is a draft; nothing was permitted by it").next("belay consent show CONSENT"))
        }
        Consent::Revoked(_) | Consent::Void(_) => {
            Err(Failure::misuse("this consent has ended before").next("belay consent show CONSENT"))
        }
    }
}

/// A party of the consent other than ourselves.
fn one_of(signed: &Signed, own: OrgId, given: &str) -> Outcome<OrgId> {
    let others = others(&Consent::Signed(signed.clone()), own);
    let key = |(org, name): &(OrgId, String)| (org.to_string(), name.clone());
    named(&others, given, key, "organisation in this consent", "belay consent show CONSENT").map(|(org, _)| *org)
}
