//! Drafting: from what staff ask for to terms, and to the next version of terms that stand. `team`: who works together.

mod team;

use super::{find, get, restrict, signer, versions, view, write_and_show};
use crate::api::care::{Acquaintance, ConsentAmend, ConsentDraft, ConsentView, ExpiryRequest, MomentRequest, Way};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::staff::StaffSession;
use crate::usecases::{named, parties, people};
use belay_protocol::consent::{
    Changes, Class, Consent, Draft, Expiry, Flow, Information, Knows, Moment, Party, Purpose, Signed, Supervision,
    Terms, Upon, heads, next,
};
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::random;
use belay_protocol::store::View;

/// Drafts a consent between this organisation and others.
///
/// # Errors
/// A person or organisation that is not known, nothing to tell, an element that is missing, what may not be combined.
pub fn draft(step: &mut Step<'_>, session: &StaffSession, ask: &ConsentDraft) -> Outcome<ConsentView> {
    let person = people::find(step.draft(), &ask.person)?;
    let words = Purpose::parse(&ask.purpose);
    let class = ask.class.unwrap_or(class_of(&words));
    let mut names = Names::new(step)?;
    let usual = Usual { class, tell: &ask.tell, back: ask.back.as_deref(), purpose: purpose(class, &ask.purpose) };
    let flows = names.flows(step, &ask.to, &ask.ways, &usual)?;
    let acquaintances = names.knows(step, &ask.knows)?;
    let mut terms = Terms::of(class, ask.signer, person.identity.name.clone(), &names.parties, flows);
    team::add(step, &mut names, &mut terms, &ask.team, &usual)?;
    terms.follow_flows(&names.parties);
    terms.acquaintances = acquaintances;
    terms.expiry = Some(expiry(step, &ask.expiry)?);
    terms.supervision = ask.supervision.as_ref().map(|s| Supervision {
        matter: s.matter.reveal().trim().into(),
        revocable: moment(&s.revocable),
        disposition: moment(&s.disposition),
    });
    terms.proceeding = ask.proceeding.as_ref().map(|which| which.reveal().trim().into());
    // What was agreed with the person is in it from the start.
    terms.restrictions = restrict::agreed(step.draft(), person.id)?;
    for one in &ask.restrictions {
        terms.restrictions.push(restrict::restriction(step, session, &terms, one)?);
    }
    let id = ConsentId(random::array(step.context().random));
    signer::say_why(step, session, id, &ask.age_why)?;
    checked(step, session, Draft { id, version: 1, person: person.id, terms, upon: Upon::default() })
}

/// Out of all that stands: of versions that were signed apart what each allows.
fn next_version(step: &mut Step<'_>, id: ConsentId) -> Outcome<Draft> {
    let signed = versions(step.draft(), id, 0)?;
    let heads: Vec<&Signed> = heads(&signed).into_iter().filter_map(Consent::signed).collect();
    let (newest, apart) = heads.split_last().ok_or_else(|| Fault::bug("what was signed has no newest version"))?;
    Ok(next(newest, apart))
}

/// Drafts the next version: what is new is signed once, what stands is not signed again.
///
/// # Errors
/// A consent that was never signed or has ended; nothing that is new; as [`draft`].
pub fn amend(step: &mut Step<'_>, session: &StaffSession, ask: &ConsentAmend) -> Outcome<ConsentView> {
    let newest = find(step.draft(), &ask.consent)?;
    let Some(Consent::Signed(signed)) = get(step.draft(), newest.id())? else {
        return Err(match newest {
            Consent::Draft(_) => Failure::misuse("this consent was never signed").next("belay consent sign"),
            Consent::Signed(_) | Consent::Revoked(_) | Consent::Void(_) => {
                Failure::misuse("this consent has ended; the person can give a new one").next("belay consent draft")
            }
        });
    };
    if signed.expired(step.context().now).is_some() {
        return Err(super::sign::expired());
    }
    let mut next = next_version(step, newest.id())?;
    // What was withdrawn or restricted since the signature is out of it already: to let it in again is new.
    let standing = next.terms.clone();
    // A draft that nobody signed stays as it is, and this one takes its place.
    next.version = last_number(step.draft(), &newest)?.saturating_add(1);
    if ask.lift {
        next.terms.restrictions.clear();
    }
    restrict::lift(&signed, &mut next.terms, &ask.lift_only)?;
    let mut names = Names::new(step)?;
    let class = next.terms.class;
    let usual = Usual { class, tell: &ask.tell, back: ask.back.as_deref(), purpose: purpose(class, &ask.purpose) };
    let mut opened = names.flows(step, &ask.add, &ask.ways, &usual)?;
    if ask.add.is_empty() && ask.ways.is_empty() && ask.team.is_empty() {
        opened.extend(more(&next.terms, names.own.org, ask));
    }
    for known in next.terms.parties() {
        names.add(known.clone());
    }
    for way in &ask.close {
        // Who has left the coalition, or is a partner no more, is in the consent all the same.
        let end =
            |given: &Option<String>| given.as_deref().map_or(Ok(names.own.org), |given| named_in(&next.terms, given));
        let (from, to) = (end(&way.from)?, end(&way.to)?);
        let kinds = |kind| way.information.is_empty() || way.information.contains(&kind);
        next.terms.flows.retain(|f| f.from != from || f.to != to || !kinds(f.information));
    }
    for given in &ask.remove {
        let gone = named_in(&next.terms, given)?;
        next.terms.flows.retain(|f| f.from != gone && f.to != gone);
        next.terms.acquaintances.retain(|k| k.who != gone && k.of != gone);
        next.terms.team.retain(|org| *org != gone);
    }
    team::add(step, &mut names, &mut next.terms, &ask.team, &usual)?;
    for flow in opened {
        if !next.terms.flows.contains(&flow) {
            next.terms.flows.push(flow);
        }
    }
    next.terms.acquaintances.extend(names.knows(step, &ask.knows)?);
    next.terms.acquaintances.sort_unstable();
    next.terms.acquaintances.dedup();
    if let Some(asked) = &ask.expiry {
        next.terms.expiry = Some(expiry(step, asked)?);
    }
    if let Some(which) = &ask.proceeding {
        if class != Class::Proceedings {
            return Err(Failure::misuse("only a consent for one proceeding names a case (42 CFR 2.31(d))")
                .next("belay consent draft --class proceedings --matter @FILE, for a consent of its own"));
        }
        next.terms.proceeding = Some(which.reveal().trim().into());
    }
    next.terms.follow_flows(&names.parties);
    let changes = Changes::between(&standing, &next.terms);
    // Who signs for another case signs for that alone.
    if changes.proceeding.is_some()
        && changes != (Changes { proceeding: changes.proceeding.clone(), ..Changes::default() })
    {
        return Err(Failure::not_permitted("another case is combined with nothing else in one signature (42 CFR 2.31(d))")
            .next("belay consent amend CONSENT --matter @FILE alone; what else is new in a version of its own, after it is signed"));
    }
    if changes.is_empty() {
        return Err(Failure::misuse("nothing in this version is new").next("belay consent amend --add ORG"));
    }
    checked(step, session, next)
}

/// Without an organisation that comes to it, what is to be told is told to those that are in it, each for the purpose that it has.
fn more(terms: &Terms, own: OrgId, ask: &ConsentAmend) -> Vec<Flow> {
    let asked = (!ask.purpose.trim().is_empty()).then(|| Purpose::parse(&ask.purpose));
    let mut opened = Vec::new();
    for party in terms.parties().into_iter().filter(|p| p.org != own) {
        let ways = [(own, party.org, ask.tell.as_slice()), (party.org, own, ask.back.as_deref().unwrap_or_default())];
        for (from, to, kinds) in ways {
            let there = |f: &&Flow| (f.from, f.to) == (from, to);
            let met = |f: &&Flow| there(f) || (f.to, f.from) == (from, to);
            let referred = |f: &&Flow| f.purpose != Purpose::Emergency;
            let flows = || terms.flows.iter();
            let told = flows().filter(referred).find(there).or_else(|| flows().filter(referred).find(met));
            // Where the person agreed to nothing but copies for emergencies, more of them, as far as that may be.
            let Some(known) = told.or_else(|| flows().find(there)).or_else(|| flows().find(met)) else { continue };
            let purpose = asked.clone().unwrap_or_else(|| known.purpose.clone());
            let flow = |information| Flow { from, to, information, purpose: purpose.clone() };
            opened.extend(sorted(kinds).into_iter().map(flow));
        }
    }
    opened
}

/// The highest number that a version of it ever had: what was discarded is not drafted again under the same one.
fn last_number(view: &dyn View, newest: &Consent) -> Outcome<u32> {
    let gone = super::discarded(view, &newest.id().0)?.into_iter().map(|(_, version)| version);
    Ok(gone.chain([newest.version()]).max().unwrap_or_default())
}

/// Puts on record that nobody is to sign the newest draft of a consent any more. What was signed stands as it did.
///
/// # Errors
/// There is no draft of it.
pub fn discard(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<ConsentView> {
    let newest = find(step.draft(), given)?;
    if !matches!(newest, Consent::Draft(_)) {
        return Err(Failure::misuse("nothing of this consent waits for a signature").next("belay consent show CONSENT"));
    }
    people::look(step, session, Looked::Consent, Some(newest.person()), None)?;
    let (consent, version) = (newest.id(), newest.version());
    let gone = PrivateBody::Discarded { consent, version, by: session.by(), at: step.context().now };
    step.write_private(&gone.encode())?;
    crate::usecases::project::project_step(step)?;
    match get(step.draft(), consent)? {
        Some(stands) => view(step, &stands, false),
        None => Ok(ConsentView { state: "discarded".to_owned(), missing: None, ..view(step, &newest, false)? }),
    }
}

fn checked(step: &mut Step<'_>, session: &StaffSession, draft: Draft) -> Outcome<ConsentView> {
    draft.terms.check()?;
    let named = |org| draft.terms.party(org).is_some();
    if draft.terms.acquaintances.iter().any(|k| !named(k.who) || !named(k.of)) {
        return Err(Failure::misuse("who may know of whom names an organisation that is no party of this consent"));
    }
    if let Some(missing) = draft.missing() {
        return Err(Fault::from(missing).into());
    }
    signer::fits(step, &draft, None)?;
    write_and_show(step, session, &Consent::Draft(draft))
}

/// A party of these terms by id, beginning of an id, or name.
pub(super) fn named_in(terms: &Terms, given: &str) -> Outcome<OrgId> {
    let parties = terms.parties();
    let key = |p: &&Party| (p.org.to_string(), p.name.clone());
    named(&parties, given, key, "organisation in this consent", "belay consent show CONSENT").map(|p| p.org)
}

pub(super) fn sorted(kinds: &[Information]) -> Vec<Information> {
    Information::ALL.into_iter().filter(|kind| kinds.contains(kind)).collect()
}

fn moment(ask: &MomentRequest) -> Moment {
    match ask {
        MomentRequest::On(at) => Moment::On(system::local(*at)),
        MomentRequest::When(event) => Moment::When(event.reveal().trim().into()),
    }
}

fn expiry(step: &mut Step<'_>, ask: &ExpiryRequest) -> Outcome<Expiry> {
    Ok(match ask {
        ExpiryRequest::On(at) if *at <= step.context().now => {
            return Err(Failure::misuse("this consent would have expired already; give a later day"));
        }
        ExpiryRequest::On(at) => Expiry::On(system::local(*at)),
        ExpiryRequest::Event(event) => Expiry::Event(event.reveal().trim().into()),
        ExpiryRequest::Never => Expiry::Never,
    })
}

/// The class of a consent of which only the purpose was said.
const fn class_of(purpose: &Purpose) -> Class {
    match purpose {
        Purpose::Tpo => Class::Tpo,
        Purpose::Proceedings => Class::Proceedings,
        Purpose::Supervision => Class::CriminalJustice,
        Purpose::Treatment
        | Purpose::Payment
        | Purpose::Operations
        | Purpose::AtRequest
        | Purpose::Other(_)
        | Purpose::Emergency
        | Purpose::Fundraising => Class::General,
    }
}

/// What a class takes where nobody says otherwise.
fn purpose(class: Class, words: &str) -> Purpose {
    if !words.trim().is_empty() {
        return Purpose::parse(words);
    }
    match class {
        Class::General | Class::Counselling => Purpose::Treatment,
        Class::Tpo => Purpose::Tpo,
        Class::Proceedings => Purpose::Proceedings,
        Class::CriminalJustice => Purpose::Supervision,
    }
}

/// What holds for an organisation for which nothing of its own is said.
struct Usual<'a> {
    class: Class,
    tell: &'a [Information],
    back: Option<&'a [Information]>,
    purpose: Purpose,
}

impl Usual<'_> {
    fn tell(&self) -> Vec<Information> {
        let usual: &[Information] = match self.class {
            Class::General | Class::Tpo | Class::CriminalJustice => &[Information::Referral, Information::Identity],
            Class::Counselling => &[Information::Counselling],
            Class::Proceedings => &[Information::Clinical],
        };
        sorted(if self.tell.is_empty() { usual } else { self.tell })
    }

    fn back(&self, own: &Party) -> Vec<Information> {
        let usual: &[Information] = match self.class {
            // Copies are placed there; whoever opens one tells of that without a consent (42 CFR 2.51).
            _ if self.purpose == Purpose::Emergency => &[],
            Class::General | Class::Tpo => Draft::usual_way_back(own.kind),
            // The court or parole office sends the person to treatment, and hears how it goes: that is what it is for.
            Class::CriminalJustice => &[Information::Referral],
            Class::Counselling | Class::Proceedings => &[],
        };
        sorted(self.back.unwrap_or(usual))
    }
}

/// The organisations of a draft, found once each.
struct Names {
    own: Party,
    parties: Vec<Party>,
}

impl Names {
    fn new(step: &mut Step<'_>) -> Outcome<Self> {
        let own = parties::own(step)?;
        Ok(Self { parties: vec![own.clone()], own })
    }

    fn add(&mut self, party: Party) -> OrgId {
        let org = party.org;
        if !self.parties.iter().any(|p| p.org == org) {
            self.parties.push(party);
        }
        org
    }

    fn end(&mut self, step: &mut Step<'_>, given: Option<&str>) -> Outcome<OrgId> {
        match given {
            None => Ok(self.own.org),
            Some(given) => {
                let party = parties::partner(step, given)?;
                Ok(self.add(party))
            }
        }
    }

    fn flows(&mut self, step: &mut Step<'_>, to: &[String], ways: &[Way], usual: &Usual<'_>) -> Outcome<Vec<Flow>> {
        let own = self.own.clone();
        let mut flows: Vec<Flow> = Vec::new();
        for way in ways {
            let (from, to) = (self.end(step, way.from.as_deref())?, self.end(step, way.to.as_deref())?);
            if from == to {
                return Err(Failure::misuse("inside one organisation no consent is needed"));
            }
            let purpose = way.purpose.as_deref().map_or_else(|| usual.purpose.clone(), Purpose::parse);
            let kinds = if way.information.is_empty() { usual.tell() } else { sorted(&way.information) };
            flows.extend(kinds.into_iter().map(|information| Flow { from, to, information, purpose: purpose.clone() }));
        }
        let named: Vec<Flow> = flows.clone();
        for given in to {
            let other = self.end(step, Some(given))?;
            if other == own.org {
                return Err(Failure::misuse(
                    "a consent lets another organisation know; inside your own none is needed",
                ));
            }
            let mut usually = |from: OrgId, to: OrgId, kinds: Vec<Information>| {
                if !named.iter().any(|f| f.from == from && f.to == to) {
                    let flow = |information| Flow { from, to, information, purpose: usual.purpose.clone() };
                    let new: Vec<Flow> = kinds.into_iter().map(flow).filter(|f| !flows.contains(f)).collect();
                    flows.extend(new);
                }
            };
            usually(own.org, other, usual.tell());
            usually(other, own.org, usual.back(&own));
        }
        flows.dedup();
        Ok(flows)
    }

    fn knows(&mut self, step: &mut Step<'_>, asked: &[Acquaintance]) -> Outcome<Vec<Knows>> {
        let mut knows = Vec::new();
        for one in asked {
            let (who, of) = (self.end(step, Some(&one.who))?, self.end(step, Some(&one.of))?);
            knows.push(Knows { who, of });
        }
        Ok(knows)
    }
}
