//! Signatures, and what a signed version means for the threads that its earlier versions back.

use super::{all_versions, find, get, restrict, show_now, signer, write};
use crate::api::care::{BesideSign, ConsentSign, ConsentView, SignedFile, ToSign};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads;
use crate::usecases::{calls, people, prints, referrals};
use belay_protocol::codec;
use belay_protocol::consent::{
    Beside, Consent, Draft, Representation, Signature, SignatureForm, Signed, Upon, heads, since,
};
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::ConsentId;
use belay_protocol::keys::digest::sha256;
use belay_protocol::limits;
use belay_protocol::referral::attachment::Media;
use belay_protocol::referral::{By, may_be, same_name};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

/// Names a form that waits: what it says, whoever wrote it when.
pub(super) fn to_sign(draft: &Draft) -> ToSign {
    let said = Zeroizing::new(codec::encode(&(draft.id, draft.version, &draft.terms)));
    ToSign { version: draft.version, terms: HEXLOWER.encode(&sha256(b"belay form to sign v1\0", &[&said])) }
}

/// Whether the form that was read is the one that waits: it can be written anew while the person reads.
fn as_read(step: &mut Step<'_>, draft: &Draft, ask: &ConsentSign) -> Outcome<()> {
    let waits = to_sign(draft);
    let said = ask.version.is_some() || ask.terms.is_some();
    if ask.version.is_some_and(|read| read != waits.version) || ask.terms.as_ref().is_some_and(|t| *t != waits.terms) {
        let why = format!(
            "the form was written anew since it was read, and number {} waits now: read that one together",
            waits.version
        );
        return Err(Failure::misuse(why).next("belay consent print CONSENT, and then sign it again"));
    }
    let all = all_versions(step.draft(), draft.id)?;
    let newest = all.iter().filter(|c| c.signed().is_some()).map(Consent::version).max().unwrap_or_default();
    let older = all.iter().any(|c| c.version() > newest && c.version() < draft.version);
    if older && !said {
        let why = "more than one form of this consent waits, and it was not said which one was read";
        return Err(Failure::misuse(why).next(format!(
            "the command again with --version {}, if that is the number on the form that was read",
            waits.version
        )));
    }
    Ok(())
}

/// The signature as it was given, of each who has to give one.
fn signature(step: &mut Step<'_>, draft: &Draft, ask: &ConsentSign) -> Outcome<Signature> {
    let by = match &ask.representative {
        None => Representation::Person,
        Some((name, capacity)) => {
            Representation::Representative { name: name.clone(), capacity: capacity.reveal().trim().into() }
        }
    };
    two_hands(step, draft, ask)?;
    named(step, draft, ask)?;
    let file = ask.file.as_ref().map(|file| signed_file(step.draft(), draft.id, file)).transpose()?;
    let paper = ask.paper.as_ref().map(|paper| SignatureForm::Paper { reference: paper.reveal().trim().into() });
    // One paper, or one scan of it, holds both signatures; a drawing is of one hand.
    let drawn = ask.file.as_ref().is_some_and(|file| file.drawn);
    let paper = file.clone().filter(|_| !drawn).or(paper);
    let attestation = prints::lang(step.draft(), draft.person, ask.lang)?.words().consent_attestation;
    let beside = match &ask.beside {
        None => None,
        Some(beside) => Some(Beside {
            form: match (&paper, &beside.drawn) {
                (Some(paper), _) => paper.clone(),
                (None, Some(id)) => drawn_beside(step.draft(), draft.id, id, file.as_ref())?,
                (None, None) => typed_beside(beside, attestation, ask.named_so)?,
            },
            name: beside.name.clone(),
            capacity: beside.capacity.reveal().trim().into(),
        }),
    };
    let form = match file.or(paper) {
        Some(form) => form,
        None => typed(&ask.typed, attestation, ask.attested)?,
    };
    Ok(Signature { form, by, beside })
}

/// A typed name, which counts by the sentence that whoever typed it was shown.
fn typed(name: &Personal<String>, attestation: &str, attested: bool) -> Outcome<SignatureForm> {
    let name = name.reveal().trim();
    if !name.is_empty() && !attested {
        let why =
            format!("a typed name is a signature only of who was shown this sentence and means it: “{attestation}”");
        return Err(Failure::misuse(why).next("show it to who signs, and then the command again with --attested"));
    }
    Ok(SignatureForm::Typed { name: name.into(), attestation: attestation.to_owned() })
}

/// A name that somebody else wrote down for a form is no signature: the parent or guardian types it.
fn typed_beside(beside: &BesideSign, attestation: &str, named_so: bool) -> Outcome<SignatureForm> {
    let given = beside.typed.reveal().trim();
    if given.is_empty() {
        return Err(Failure::misuse(
            "the parent or guardian has not signed: who signs beside a minor types the name or draws it too, or both sign on paper (42 CFR 2.14(b))",
        )
        .next("the command again with --beside-typed @FILE, --beside-drawn FILE, or --paper FILE"));
    }
    if !named_so && !may_be(beside.name.reveal(), given) {
        return Err(Failure::misuse("the name that was typed is unlike that of the parent or guardian: who signed?")
            .next("the command again with the name of who signed; or with --named-so, if they sign so"));
    }
    typed(&beside.typed, attestation, beside.attested)
}

/// What the parent or guardian drew, with a hand of their own.
fn drawn_beside(
    view: &dyn View,
    consent: ConsentId,
    id: &str,
    minors: Option<&SignatureForm>,
) -> Outcome<SignatureForm> {
    let drawn = signed_file(view, consent, &SignedFile { id: id.to_owned(), drawn: true })?;
    if minors == Some(&drawn) {
        return Err(Failure::misuse("one drawing is the signature of one hand, and two have to sign (42 CFR 2.14(b))")
            .next("let the parent or guardian draw as well: --beside-drawn FILE"));
    }
    Ok(drawn)
}

/// Records the signature under a draft. Under a later version, threads are closed where it takes something away.
///
/// # Errors
/// Not a draft, or another form than was read; no signature, or not of who has to sign; a typed name to which nobody attested; a date
/// in the future.
pub fn sign(step: &mut Step<'_>, session: &StaffSession, ask: &ConsentSign) -> Outcome<ConsentView> {
    let Consent::Draft(draft) = find(step.draft(), &ask.consent)? else {
        return Err(Failure::misuse("this consent is signed already").next("belay consent show CONSENT"));
    };
    as_read(step, &draft, ask)?;
    let signature = signature(step, &draft, ask)?;
    let now = step.context().now;
    unchanged(step, &draft)?;
    not_after(now, ask.date)?;
    not_before(step, &draft, ask.date)?;
    signer::say_why(step, session, draft.id, &ask.age_why)?;
    signer::fits(step, &draft, Some(ask.date.unwrap_or_else(|| system::date(now))))?;
    if let Some((_, capacity)) = &ask.representative {
        signer::in_capacity(draft.terms.signer, capacity)?;
    }
    let signed = draft.sign(signature, Some(signed_on(ask.date, now)), session.by(), now).map_err(Fault::from)?;
    let consent = Consent::Signed(signed);
    write(step, &session.by(), &consent)?;
    // What was agreed under another one meanwhile binds this one, and what was agreed in this one the others; before anybody is told.
    let bound = restrict::bind(step, consent.person())?;
    if consent.version() > 1 {
        calls::unreached(step, &consent)?;
        follow_through(step, Some(&session.by()), consent.id())?;
    }
    restrict::tell(step, consent.person(), bound)?;
    let consent = get(step.draft(), consent.id())?.unwrap_or(consent);
    show_now(step, session, &consent)
}

/// The date under a signature, of no clock. Of who signs today, with the time of day, so that nothing lies in the future or the past.
fn signed_on(given: Option<Time>, now: Time) -> Time {
    given.filter(|date| *date != system::date(now)).unwrap_or(system::local(now).wall())
}

/// The names of whom the consent is about: on the form, and on record.
fn called(step: &mut Step<'_>, draft: &Draft) -> Outcome<Vec<Personal<String>>> {
    let mut names = vec![draft.terms.person.clone()];
    if let Some(person) = people::get(step.draft(), draft.person)? {
        names.push(person.identity.name);
        names.extend(person.identity.other_names);
    }
    Ok(names)
}

/// Whether one name stands for the person and for who signs beside the person, or in the person's place.
fn one_name(step: &mut Step<'_>, draft: &Draft, ask: &ConsentSign) -> Outcome<bool> {
    let others = match (&ask.representative, &ask.beside) {
        (Some((name, _)), _) => [name, &ask.typed],
        (None, Some(beside)) => [&beside.name, &beside.typed],
        (None, None) => return Ok(false),
    };
    let mut own = called(step, draft)?;
    own.extend(ask.beside.as_ref().map(|_| ask.typed.clone()));
    Ok(others.iter().any(|other| own.iter().any(|name| same_name(name.reveal(), other.reveal()))))
}

/// Who signs beside the person, or in the person's place, is somebody else: where one name stands for both, it is asked about.
fn two_hands(step: &mut Step<'_>, draft: &Draft, ask: &ConsentSign) -> Outcome<()> {
    if !ask.named_so && one_name(step, draft, ask)? {
        let why = "one name stands for two: who signs beside the person, or in the person's place, is somebody else (42 CFR 2.14(b), 2.15(a))";
        return Err(Failure::misuse(why)
            .next("the command again with the name of who signed; or with --named-so, if both are called so"));
    }
    Ok(())
}

/// A name that is typed is that of who signs: one that has no word in common with it is asked about. One yes answers one question: where it says
/// that two are called the same, this one is asked still.
fn named(step: &mut Step<'_>, draft: &Draft, ask: &ConsentSign) -> Outcome<()> {
    let typed = ask.typed.reveal();
    if ask.paper.is_some() || ask.file.is_some() || typed.trim().is_empty() {
        return Ok(());
    }
    if ask.named_so && !one_name(step, draft, ask)? {
        return Ok(());
    }
    let (names, who) = match &ask.representative {
        Some((name, _)) => (vec![name.clone()], "the representative"),
        None => (called(step, draft)?, "the person"),
    };
    if names.iter().any(|name| may_be(name.reveal(), typed)) {
        return Ok(());
    }
    Err(Failure::misuse(format!("the name that was typed is unlike that of {who}: who signed?")).next(
        "the command again with the name of who signed; with --representative and --capacity, if somebody signed in the person's place; \
         or with --named-so, if the person signs so",
    ))
}

/// A consent is in force from the day under it on, and not before: not today, where that is tomorrow.
fn not_after(now: Time, date: Option<Time>) -> Outcome<()> {
    match date {
        Some(date) if date > system::date(now) => Err(Failure::misuse(format!(
            "it is {} here, and nothing was signed on {} yet",
            system::date(now).date(),
            date.date()
        ))
        .next("the day on which it was signed (--date)")),
        _ => Ok(()),
    }
}

/// A paper holds what the draft says, so that it is not older than the draft.
fn not_before(step: &mut Step<'_>, draft: &Draft, date: Option<Time>) -> Outcome<()> {
    let Some(date) = date else { return Ok(()) };
    let key = [&draft.id.0[..], &draft.version.to_be_bytes(), &[0]].concat();
    let drafts = records::all(step.draft(), Kind::Consent, &key)?;
    let (engine, view) = step.engine();
    let mut drafted: Option<Time> = None;
    for record in drafts {
        let time = engine.spaces().entry(view, &record.hash)?.map(|entry| entry.header().time);
        drafted = drafted.into_iter().chain(time).min();
    }
    match drafted {
        Some(drafted) if date < system::date(drafted) => Err(Failure::misuse(format!(
            "this form was written on {}, and no paper that says what it says was signed on {}",
            system::date(drafted).date(),
            date.date()
        ))
        .next("the day on which it was signed (--date)")),
        _ => Ok(()),
    }
}

/// Whether what an amendment was made of still stands as it did then: a signature under what is new does not undo what the person
/// said meanwhile. And whether there is but one draft to sign.
fn unchanged(step: &mut Step<'_>, draft: &Draft) -> Outcome<()> {
    let all = all_versions(step.draft(), draft.id)?;
    let same = |c: &&Consent| c.version() == draft.version;
    if all.iter().filter(same).count() > 1 {
        return Err(Failure::misuse(
            "two drafts of this version were written apart; write one that both of you have seen",
        )
        .next("belay consent amend, or belay consent draft"));
    }
    let now = step.context().now;
    let signed = since(all, 0);
    let heads = heads(&signed);
    for head in &heads {
        match head {
            Consent::Signed(before) if before.expired(now).is_some() => return Err(expired()),
            Consent::Signed(_) => {}
            Consent::Draft(_) | Consent::Revoked(_) | Consent::Void(_) => {
                let ended = Failure::misuse("this consent has ended; the person can give a new one");
                return Err(ended.next("belay consent draft"));
            }
        }
    }
    let heads: Vec<&Signed> = heads.into_iter().filter_map(Consent::signed).collect();
    if Upon::these(&heads) != draft.upon {
        return Err(Failure::misuse("this consent changed since this version was written; amend it again")
            .next("belay consent amend"));
    }
    Ok(())
}

/// An amendment does not bring back what has run out.
pub(super) fn expired() -> Failure {
    Failure::misuse("this consent has expired; the person can give a new one").next("belay consent draft")
}

/// The drawn signature or the scan of paper that was attached to this consent before.
fn signed_file(view: &dyn View, consent: ConsentId, file: &SignedFile) -> Outcome<SignatureForm> {
    let hash: Option<[u8; 32]> = HEXLOWER.decode(file.id.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let hash = hash.ok_or_else(|| Failure::misuse("a file is named by its SHA-256 in hex"))?;
    let manifest = crate::usecases::attachments::of_consent(view, consent, &hash)?.ok_or_else(|| {
        Failure::misuse("no such file is attached to this consent").next("belay consent sign CONSENT --paper FILE")
    })?;
    if !file.drawn {
        return match manifest.media {
            Media::Pdf | Media::Png | Media::Jpeg => Ok(SignatureForm::Scan { file: hash }),
            Media::Drawing => Err(Failure::misuse("this is a drawing and no scan of paper")
                .next("belay consent sign CONSENT --drawn FILE")),
            Media::Text => Err(Failure::misuse("a scan of paper is a PDF, PNG or JPEG, and this is text")
                .next("belay consent sign CONSENT --paper FILE")),
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

/// Closes every space of the consent's threads that is not allowed any more, and tells the recipients of the others what changed
/// in the part that concerns them. Without `by` it only closes.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn follow_through(step: &mut Step<'_>, by: Option<&By>, id: ConsentId) -> Outcome<()> {
    // While it may be false nothing is told under it, and nobody is taken out for that: it may stand again.
    if super::get(step.draft(), id)?.is_some_and(|consent| super::suspended(&consent)) {
        return Ok(());
    }
    for thread in threads::under(step.draft(), id)? {
        referrals::follow_consent(step, by, &thread)?;
    }
    Ok(())
}
