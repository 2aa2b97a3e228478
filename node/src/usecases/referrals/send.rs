//! A new referral: under a signed consent, or under an agreement where none is needed.

use super::leave_out::{self, Stays};
use super::{Open, hints, in_team, known, refuse_new, request, settled, show, write};
use crate::api::care::{Send, StaysView, ThreadView, Tied};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::Thread;
use crate::usecases::{agreements, consents, named, parties, people, threads};
use belay_protocol::consent::{Action, Consent};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::{ConsentId, OrgId, PersonId, ThreadId};
use belay_protocol::referral::{Act, Information, NeedId, Party, Person, Purpose, Request, Service, is_outside};
use belay_protocol::time::Time;

/// What a new referral rests on, and about whom and to whom it goes.
pub(super) struct Under {
    pub person: Person,
    pub other: Party,
    /// `None`: the agreement of both.
    consent: Option<Consent>,
    version: u32,
    /// Who else works on it, where the consent names a team that both are in.
    team: Vec<Party>,
    /// For which of the purposes that the consent names; `None`: the least.
    purpose: Option<Purpose>,
}

impl Under {
    /// The consent that is named, which says to whom.
    pub(super) fn consent(step: &mut Step<'_>, ask: &Send) -> Outcome<Self> {
        let consent = consents::in_force(step.draft(), &ask.consent)?;
        let own = parties::own(step)?.org;
        let other = recipient(&consent, own, ask.to.as_deref())?;
        let person = people::get(step.draft(), consent.person())?
            .ok_or_else(|| Failure::misuse("the person of this consent is not on record").next("belay person list"))?;
        let team = in_team(&consent, own, other.org);
        let purpose = asked_purpose(ask)?;
        Ok(Self { person, other, version: consent.version(), consent: Some(consent), team, purpose })
    }

    /// The agreement of both.
    pub(super) fn tie(step: &mut Step<'_>, tied: &Tied) -> Outcome<Self> {
        let person = people::find(step.draft(), &tied.person)?;
        let to = tied.send.to.as_deref().ok_or_else(|| {
            Failure::misuse("say to which organisation it goes").next("the command again with --to ORG")
        })?;
        let other = parties::member(step, to)?;
        let tie = agreements::tied(step, other.org, Some(person.id))?.ok_or_else(|| {
            let why =
                format!("nothing that both signed ties this organisation to {} (42 CFR 2.12(c)(3), (4))", other.name);
            Failure::not_permitted(why).next("belay agreement draft --tie KIND, or a consent")
        })?;
        let version = tie.agreement.map_or(0, |(version, _)| version);
        if asked_purpose(&tied.send)?.is_some() {
            return Err(Failure::misuse("what ties the two says for what it is told")
                .next("the command again without --purpose"));
        }
        Ok(Self { person, other, consent: None, version, team: Vec::new(), purpose: None })
    }

    /// Whether the person may have revoked the consent at any of those who would read it.
    pub(super) fn wanted(&self, step: &mut Step<'_>) -> Outcome<()> {
        let Some(consent) = &self.consent else { return Ok(()) };
        std::iter::once(&self.other).chain(&self.team).try_for_each(|party| refuse_new(step, consent.id(), party))
    }

    /// That no referral of the person is open with this organisation, unless this one is to go beside it.
    pub(super) fn only(&self, step: &mut Step<'_>, ask: &Send) -> Outcome<()> {
        let consent = self.consent.as_ref().map_or(ConsentId::ZERO, Consent::id);
        only_one(step, (consent, self.person.id), &self.other, ask, None)
    }

    /// Whether it says who the person is.
    pub(super) fn names(&self, open: &Open, ask: &Send) -> Outcome<bool> {
        match &self.consent {
            Some(consent) => names(consent, (open.own, self.other.org), ask),
            None => Ok(ask.without.is_empty()
                && open.has_way(Information::Identity)
                && !open.withholds(Information::Identity)),
        }
    }

    /// What the person signed that the other may be told and asked to leave out (2.26), with when that was agreed.
    pub(super) fn left_out(&self, step: &mut Step<'_>, own: OrgId) -> Outcome<Vec<StaysView>> {
        let other = self.other.org;
        let kept: Vec<(Information, Time)> = match self.consent.as_ref().map(Consent::signed) {
            Some(Some(signed)) => {
                let told = |kind: &Information| {
                    signed.terms.flows.iter().any(|f| (f.from, f.to, f.information) == (own, other, *kind))
                };
                let asked = |kind| Some((kind, signed.restriction(other, kind)?.at));
                Information::ALL.into_iter().filter(told).filter_map(asked).collect()
            }
            Some(None) => Vec::new(),
            None => match agreements::tied(step, other, Some(self.person.id))? {
                Some(tie) => {
                    let asked = |kind: &Information| tie.withheld.iter().find(|one| one.forbids(other, *kind));
                    tie.information.iter().filter_map(|kind| Some((*kind, asked(kind)?.at))).collect()
                }
                None => Vec::new(),
            },
        };
        let stays = |(kind, at)| Stays { kind, at, spared: Vec::new(), also: Vec::new() };
        leave_out::stay(step, self.person.id, kept.into_iter().map(stays).collect())
    }

    /// The thread, before anything of it is written.
    pub(super) fn thread(&self, thread: ThreadId, lifts: Option<(ThreadId, NeedId)>) -> Thread {
        Thread {
            thread,
            direction: Direction::Outgoing,
            other: self.other.clone(),
            team: self.team.clone(),
            purpose: self.purpose.clone(),
            recipient: None,
            teamed: false,
            person: Some(self.person.id),
            filed: Some(self.consent.as_ref().map_or(self.person.id, Consent::person)),
            consent: self.consent.as_ref().map_or(ConsentId::ZERO, Consent::id),
            version: self.version,
            spaces: Vec::new(),
            lifts,
            gone: None,
            taken_back: None,
            closed: Vec::new(),
            apart: Vec::new(),
            heard: false,
            unwanted: false,
            doubted: None,
        }
    }
}

/// Sends a referral to the organisation that the consent names: founds a space for each kind of information that is told now or
/// that may come back, gives the notice in each, tells who the person is if it may, and asks.
///
/// # Errors
/// The refusal of `consent::decide`; a consent that names nobody, or more than one, to refer to; needs that the consent does not
/// let us tell.
pub fn send(step: &mut Step<'_>, session: &StaffSession, ask: &Send) -> Outcome<ThreadView> {
    let under = Under::consent(step, ask)?;
    if is_outside(under.other.org) {
        return Err(Failure::misuse(format!(
            "{} is not on the network, so that a letter must go there",
            under.other.name
        ))
        .next("the command again with --off-network"));
    }
    under.wanted(step)?;
    begin(step, session, &under, ask)
}

/// Sends one that needs no consent, to who is of the same program or serves it: as [`send`], but what it may hold is what the
/// agreement of both names.
///
/// # Errors
/// As [`send`]; nothing that both signed ties the two.
pub fn send_tied(step: &mut Step<'_>, session: &StaffSession, ask: &Tied) -> Outcome<ThreadView> {
    let under = Under::tie(step, ask)?;
    begin(step, session, &under, &ask.send)
}

fn begin(step: &mut Step<'_>, session: &StaffSession, under: &Under, ask: &Send) -> Outcome<ThreadView> {
    let person = &under.person;
    let lifts = ask.lifts.as_deref().map(|given| lifted(step, given, person.id)).transpose()?;
    let thread = under.thread(ThreadId::begun_by(&step.org(), step.context().random), lifts);
    let mut open = Open::new(step, thread)?;
    open.may_refer(step.context().now).map_err(Fault::from)?;
    // That nothing may be told weighs more than that something is open.
    open.may_tell(step, Information::Referral, Action::Seal).map_err(Fault::from)?;
    under.only(step, ask)?;
    let mut acts = Vec::new();
    if under.names(&open, ask)? {
        acts.push(Act::Identity(Box::new(person.identity.clone())));
    }
    acts.push(Act::Send(Request {
        service: ask
            .service
            .as_deref()
            .map(|listing| Service { listing: listing.trim().to_owned(), name: ask.service_name.clone() }),
        reason: ask.reason.clone(),
        urgency: ask.urgency,
    }));
    acts.extend((1..).zip(&ask.needs).map(|(rank, text)| request::new_need(step, rank, text)));
    acts.extend(known::asked(step, person.id, &ask.include)?);
    acts.iter().try_for_each(Act::check)?;
    for act in &acts {
        open.may_tell(step, act.information(), Action::Seal).map_err(Fault::from)?;
    }
    let mut kinds: Vec<Information> = acts.iter().map(Act::information).collect();
    if !open.thread.tied() {
        // What may come back by a consent has its space at once; what an agreement names is opened when it is needed.
        for kind in Information::ALL {
            if open.way_back(kind) && (!open.thread.is_team() || open.seats(step, kind).is_ok()) {
                kinds.push(kind);
            }
        }
    }
    for kind in ask.include.iter().filter(|kind| !kinds.contains(kind)).copied().collect::<Vec<_>>() {
        open.may_tell(step, kind, Action::Seal).map_err(Fault::from)?;
        kinds.push(kind);
    }
    write::open_spaces(step, &session.by(), &mut open, &kinds)?;
    for act in acts {
        write::act(step, session, &mut open, act)?;
    }
    settled(step)?;
    let open = Open::new(step, open.thread)?;
    let mut view = show::view(step, session, &open)?;
    view.hints = hints::of_send(ask);
    view.left_out = under.left_out(step, open.own)?;
    Ok(view)
}

/// That nothing is open already of this person with this organisation, under whichever consent or by the agreement, unless it is said that
/// this one is to go beside it: who sends it twice discloses twice. One in which nothing may be told any more is in no way. `but`: itself.
///
/// # Errors
/// The one that is open.
pub(in crate::usecases) fn only_one(
    step: &mut Step<'_>,
    (consent, person): (ConsentId, PersonId),
    to: &Party,
    ask: &Send,
    but: Option<ThreadId>,
) -> Outcome<()> {
    if ask.again {
        return Ok(());
    }
    let action = if is_outside(to.org) { Action::Export } else { Action::Seal };
    for thread in threads::of_person(step.draft(), person)? {
        let same = thread.direction == Direction::Outgoing && thread.other.org == to.org;
        if !same || thread.tied() != (consent == ConsentId::ZERO) || but == Some(thread.thread) {
            continue;
        }
        let open = Open::new(step, thread)?;
        if open.state.place.is_final() || open.may_tell(step, Information::Referral, action).is_err() {
            continue;
        }
        // Whoever left it, or was taken out, reads nothing in it.
        if super::left::gone(step, &open)?.is_some() {
            continue;
        }
        let under = match open.thread.consent {
            same if same == consent => "on the same basis".to_owned(),
            other => format!("under another consent ({})", other.short()),
        };
        let why = format!("a referral of this person to {} is open already {under}", to.name);
        return Err(Failure::misuse(why).next(format!(
            "belay referral show {}; or the command again with --again, if this one is to go beside it",
            open.thread.thread.short()
        )));
    }
    Ok(())
}

/// The purpose that staff chose, of those that the consent names: whether it names it is for `consent::decide` to say.
///
/// # Errors
/// One that no referral is sent for.
pub(in crate::usecases) fn asked_purpose(ask: &Send) -> Outcome<Option<Purpose>> {
    match ask.purpose.as_deref().map(str::trim).filter(|words| !words.is_empty()).map(Purpose::parse) {
        Some(Purpose::Tpo) => Err(Failure::misuse("one referral is sent for treatment, for payment or for operations")
            .next("the command again with --purpose treatment")),
        Some(Purpose::Emergency) => {
            Err(Failure::misuse("what the person agreed to for emergencies is placed and not sent")
                .next("belay emergency place"))
        }
        purpose => Ok(purpose),
    }
}

/// The need of another referral of the same person that this one is to lift: `THREAD:NEED`.
pub(in crate::usecases) fn lifted(step: &mut Step<'_>, given: &str, person: PersonId) -> Outcome<(ThreadId, NeedId)> {
    let (thread, need) = given.split_once(':').ok_or_else(|| {
        Failure::misuse("say which need of which referral it lifts: THREAD:NEED").next("belay referral show THREAD")
    })?;
    let of = Open::named(step, thread)?;
    if of.thread.person != Some(person) {
        return Err(Failure::misuse("that referral is not known to be of the same person").next("belay referral link"));
    }
    Ok((of.thread.thread, request::find(&of.state.needs, need)?.id))
}

/// The organisation that the consent lets us refer the person to: the one that is asked for, or the only one.
pub(super) fn recipient(consent: &Consent, own: OrgId, to: Option<&str>) -> Outcome<Party> {
    let terms = consent.terms();
    let mut may: Vec<Party> =
        terms.recipients.iter().filter(|p| opened(consent, own, p.org, Information::Referral)).cloned().collect();
    may.sort_unstable();
    may.dedup_by_key(|p| p.org);
    if let Some(given) = to {
        let key = |p: &Party| (p.org.to_string(), p.name.clone());
        return named(&may, given, key, "organisation to refer to in this consent", "belay consent show CONSENT")
            .cloned();
    }
    match may.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::not_permitted("the consent lets us refer to nobody (42 CFR 2.31(a)(4))")
            .next("belay consent draft --person P --to ORG")),
        _ => {
            let names = may.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
            Err(Failure::misuse(format!("the consent names more than one organisation to refer to: {names}"))
                .next("the command again with --to ORG"))
        }
    }
}

/// Whether the consent has this way for a referral, whatever was said of it since.
pub(in crate::usecases) fn opened(consent: &Consent, from: OrgId, to: OrgId, information: Information) -> bool {
    consent.terms().flows.iter().any(|f| f.tells(from, to, information))
}

/// Whether the consent has this way as it stands: nothing was agreed to be left out (2.26), and nobody taken out.
pub(super) fn told(consent: &Consent, from: OrgId, to: OrgId, information: Information) -> bool {
    let stands = consent.signed().is_none_or(|signed| {
        let gone = |org| signed.withdrawn.iter().any(|w| w.party == org);
        !gone(from) && !gone(to) && signed.restriction(to, information).is_none()
    });
    stands && opened(consent, from, to, information)
}

/// Whether a referral says who the person is: where the consent lets it, and nobody asks to leave it out.
///
/// # Errors
/// What does not go by itself is asked to be left out.
pub(in crate::usecases) fn names(consent: &Consent, (from, to): (OrgId, OrgId), ask: &Send) -> Outcome<bool> {
    if let Some(other) = ask.without.iter().find(|kind| **kind != Information::Identity) {
        let why = format!("only `identity` goes by itself; `{other}` goes where it is asked for");
        return Err(Failure::misuse(why).next("the command again without it, or with --without identity"));
    }
    Ok(ask.without.is_empty() && told(consent, from, to, Information::Identity))
}
