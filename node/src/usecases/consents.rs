//! Consents: drafted, signed, shown, revoked. What they permit is decided in `belay_protocol::consent` alone.

use super::people;
use super::records::{self, Kind};
use super::staff::StaffSession;
use super::{named, parties, threads};
use crate::api::care::{ConsentDraft, ConsentRow, ConsentSign, ConsentView, ConsentsView, ExpiryRequest, SignedFile};
use crate::api::{Failure, Outcome};
use belay_protocol::consent::{
    Consent, Draft, Expiry, Information, Purpose, Representation, Revoked, Signature, SignatureForm, Signed, Told,
};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::referral::attachment::Media;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::collections::BTreeMap;

/// Drafts a consent between this organisation and one other.
///
/// # Errors
/// A person or organisation that is not known, nothing to tell, an element that is missing.
pub fn draft(step: &mut Step<'_>, session: &StaffSession, ask: &ConsentDraft) -> Outcome<ConsentView> {
    let person = people::find(step.draft(), &ask.person)?;
    let (own, other) = (parties::own(step)?, parties::partner(step, &ask.to)?);
    if own.org == other.org {
        return Err(Failure::misuse("a consent lets another organisation know; inside your own none is needed"));
    }
    let usual = [Information::Referral, Information::Identity];
    let tell = if ask.tell.is_empty() { &usual[..] } else { &ask.tell };
    let back = ask.back.as_deref().unwrap_or_else(|| Draft::usual_way_back(own.kind));
    let purpose = Purpose::parse(&ask.purpose);
    let id = ConsentId(random::array(step.context().random));
    let name = person.identity.name.clone();
    let mut draft = Draft::between(id, (person.id, name), own, other, &sorted(tell), &sorted(back), &purpose);
    draft.terms.expiry = Some(match &ask.expiry {
        ExpiryRequest::On(at) if *at <= step.context().now => {
            return Err(Failure::misuse("this consent would have expired already; give a later day"));
        }
        ExpiryRequest::On(at) => Expiry::On(*at),
        ExpiryRequest::Event(event) => Expiry::Event(event.trim().to_owned()),
        ExpiryRequest::Never => Expiry::Never,
    });
    draft.terms.check()?;
    if let Some(missing) = draft.missing() {
        return Err(Fault::from(missing).into());
    }
    write_and_show(step, session, &Consent::Draft(draft))
}

fn sorted(kinds: &[Information]) -> Vec<Information> {
    Information::ALL.into_iter().filter(|kind| kinds.contains(kind)).collect()
}

/// Records the signature under a draft.
///
/// # Errors
/// Not a draft; no signature; a date in the future.
pub fn sign(step: &mut Step<'_>, session: &StaffSession, ask: &ConsentSign) -> Outcome<ConsentView> {
    let Consent::Draft(draft) = find(step.draft(), &ask.consent)? else {
        return Err(Failure::misuse("this consent is signed already").next("belay consent show"));
    };
    let by = match &ask.representative {
        None => Representation::Person,
        Some((name, capacity)) => {
            Representation::Representative { name: name.clone(), capacity: capacity.trim().to_owned() }
        }
    };
    let file = ask.file.as_ref().map(|file| signed_file(step.draft(), draft.id, file)).transpose()?;
    let paper = ask.paper.as_ref().map(|paper| SignatureForm::Paper { reference: paper.trim().to_owned() });
    let signature = match file.or(paper) {
        Some(form) => Signature { form, by, beside: None },
        None => Signature::typed(ask.typed.reveal().trim(), by),
    };
    let now = step.context().now;
    let signed = draft.sign(signature, Some(ask.date.unwrap_or(now)), session.by(), now).map_err(Fault::from)?;
    write_and_show(step, session, &Consent::Signed(signed))
}

/// The drawn signature or the scan of paper that was attached to this consent before.
fn signed_file(view: &dyn View, consent: ConsentId, file: &SignedFile) -> Outcome<SignatureForm> {
    let hash: Option<[u8; 32]> =
        data_encoding::HEXLOWER.decode(file.id.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let hash = hash.ok_or_else(|| Failure::misuse("a file is named by its SHA-256 in hex"))?;
    let manifest = super::attachments::of_consent(view, consent, &hash)?.ok_or_else(|| {
        Failure::misuse("no such file is attached to this consent").next("belay consent sign CONSENT --paper FILE")
    })?;
    if !file.drawn {
        return if manifest.media == Media::Drawing {
            Err(Failure::misuse("this is a drawing and no scan of paper")
                .next("belay consent sign CONSENT --drawn FILE"))
        } else {
            Ok(SignatureForm::Scan { file: hash })
        };
    }
    if !matches!(manifest.media, Media::Png | Media::Drawing) || manifest.length > limits::SIGNATURE_BYTES {
        return Err(Failure::misuse(format!(
            "a drawn signature is a PNG or a plain SVG of at most {} kB",
            limits::SIGNATURE_BYTES / 1_000
        )));
    }
    Ok(SignatureForm::Drawn { image: hash })
}

/// Shows the form.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<ConsentView> {
    let consent = find(step.draft(), given)?;
    people::look(step, session, Looked::Consent, Some(consent.person()), None)?;
    let now = step.context().now;
    Ok(view(&consent, now))
}

/// Every consent, newest version, or those of one person.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession, person: Option<&Personal<String>>) -> Outcome<ConsentsView> {
    let only = person.map(|given| people::find(step.draft(), given)).transpose()?.map(|p| p.id);
    people::look(step, session, Looked::ConsentList, only, None)?;
    let (own, now) = (parties::own(step)?.org, step.context().now);
    let consents = latest(step.draft())?
        .into_iter()
        .filter(|c| only.is_none_or(|person| c.person() == person))
        .map(|c| ConsentRow {
            id: c.id(),
            version: c.version(),
            person: c.person(),
            name: c.terms().person.clone(),
            parties: others(&c, own).into_iter().map(|(_, name)| name).collect(),
            state: c.state(now).to_owned(),
        })
        .collect();
    Ok(ConsentsView { consents })
}

/// Ends a consent, as a whole or for one party: at once every space of its threads is closed to whom it names, and nothing more
/// is told under it. What was told before stays told.
///
/// # Errors
/// A draft, or what has ended before.
pub fn revoke(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    party: Option<&str>,
    spoken: bool,
) -> Outcome<ConsentView> {
    let signed = match find(step.draft(), given)? {
        Consent::Signed(signed) => signed,
        Consent::Draft(_) => {
            return Err(Failure::misuse("this is a draft; nothing was permitted by it").next("belay consent show"));
        }
        Consent::Revoked(_) | Consent::Void(_) => {
            return Err(Failure::misuse("this consent has ended before").next("belay consent show"));
        }
    };
    let told = if spoken { Told::Spoken } else { Told::Written };
    let (own, now) = (parties::own(step)?.org, step.context().now);
    let party = party.map(|given| one_of(&signed, own, given)).transpose()?;
    let id = signed.id;
    let (consent, out): (Consent, Vec<OrgId>) = match party {
        None => {
            let out = others(&Consent::Signed(signed.clone()), own).into_iter().map(|(org, _)| org).collect();
            (Consent::Revoked(Revoked { signed, at: now, told, heard_by: session.by() }), out)
        }
        Some(org) => {
            let mut signed = signed;
            signed.withdraw(org, told, session.by(), now)?;
            (Consent::Signed(signed), vec![org])
        }
    };
    for thread in threads::all(step.draft())? {
        if thread.direction == Direction::Outgoing && thread.consent == id && out.contains(&thread.other.org) {
            close_to(step, &thread)?;
        }
    }
    write_and_show(step, session, &consent)
}

/// Takes the other organisation out of every space of a thread.
fn close_to(step: &mut Step<'_>, thread: &threads::Thread) -> Result<()> {
    for (_, space) in &thread.spaces {
        let (engine, draft) = step.engine();
        let fold = engine.fold(draft, *space)?;
        // Once we are out of the coalition the space is closed: there is nothing to end, and the person's word stands all the same.
        let ours = !fold.closed && fold.members.contains_key(&engine.org());
        if ours && fold.members.contains_key(&thread.other.org) {
            step.revoke(*space, thread.other.org)?;
        }
    }
    threads::changed(step.draft(), thread.thread);
    Ok(())
}

/// A party of the consent other than ourselves.
fn one_of(signed: &Signed, own: OrgId, given: &str) -> Outcome<OrgId> {
    let others = others(&Consent::Signed(signed.clone()), own);
    named(
        &others,
        given,
        |(org, name)| (org.to_string(), name.clone()),
        "organisation in this consent",
        "belay consent show",
    )
    .map(|(org, _)| *org)
}

/// The organisations that a consent names besides `own`.
fn others(consent: &Consent, own: OrgId) -> Vec<(OrgId, String)> {
    let terms = consent.terms();
    let named: BTreeMap<OrgId, String> =
        terms.disclosers.iter().chain(&terms.recipients).map(|p| (p.org, p.name.clone())).collect();
    named.into_iter().filter(|(org, _)| *org != own).collect()
}

/// A consent, newest version, by id or the beginning of one.
///
/// # Errors
/// None fits, or more than one does.
pub fn find(view: &dyn View, given: &str) -> Outcome<Consent> {
    let consents = latest(view)?;
    named(&consents, given, |c| (c.id().to_string(), String::new()), "consent", "belay consent list").cloned()
}

/// The newest version of a consent.
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, id: ConsentId) -> Result<Option<Consent>> {
    Ok(of(records::all(view, Kind::Consent, &id.0)?).pop())
}

/// Every version of a consent, in order.
///
/// # Errors
/// `Store`.
pub fn versions(view: &dyn View, id: ConsentId) -> Result<Vec<Consent>> {
    let records = records::all(view, Kind::Consent, &id.0)?;
    Ok(records
        .into_iter()
        .filter_map(|record| if let PrivateBody::Consent(consent) = record.body { Some(*consent) } else { None })
        .collect())
}

/// The newest version of each.
fn latest(view: &dyn View) -> Result<Vec<Consent>> {
    Ok(of(records::all(view, Kind::Consent, &[])?))
}

/// Records come in order of id and version.
fn of(records: Vec<records::Record>) -> Vec<Consent> {
    let mut newest: Vec<Consent> = Vec::new();
    for record in records {
        let PrivateBody::Consent(consent) = record.body else { continue };
        if newest.last().is_some_and(|last| last.id() == consent.id()) {
            newest.pop();
        }
        newest.push(*consent);
    }
    newest
}

fn write_and_show(step: &mut Step<'_>, session: &StaffSession, consent: &Consent) -> Outcome<ConsentView> {
    step.write_private(&PrivateBody::Consent(Box::new(consent.clone())).encode())?;
    people::look(step, session, Looked::Consent, Some(consent.person()), None)?;
    let now = step.context().now;
    Ok(view(consent, now))
}

fn view(consent: &Consent, now: Time) -> ConsentView {
    let missing = match consent {
        Consent::Draft(draft) => draft.missing().map(|refusal| refusal.to_string()),
        Consent::Signed(signed) => signed.missing().map(|refusal| refusal.to_string()),
        Consent::Revoked(_) | Consent::Void(_) => None,
    };
    ConsentView {
        id: consent.id(),
        version: consent.version(),
        person: consent.person(),
        state: consent.state(now).to_owned(),
        missing,
        form: crate::forms::consent::sheet(consent, now, crate::forms::Lang::En).text().as_str().into(),
    }
}
