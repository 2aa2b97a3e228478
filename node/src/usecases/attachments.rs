//! Files that go with a person, a consent or a thread: checked before anything is written, written in pieces of a megabyte, and seen
//! only when the manifest stands. What was interrupted goes on where it stopped, since chunks are known by their hash.
//!
//! In a thread a file is a disclosure like any act: `consent::decide` is asked before the first piece and at each, the notice of
//! 42 CFR 2.32 stands before it, and it is on the record. Parts: `chunks` (where the bytes lie); `house` (what stays here).

pub mod chunks;
mod house;

pub(super) use house::put as in_the_house;
pub use house::{in_private, of_consent, signed_with};

use super::records::find;
use super::referrals::{self, Open};
use super::staff::StaffSession;
use super::threads::Thread;
use crate::api::care::{
    Attach, AttachStep, AttachTo, AttachingView, AttachmentPart, AttachmentView, AttachmentsOf, AttachmentsView,
};
use crate::api::{Failure, Outcome, Response, respond};
use belay_protocol::disclosure::Shown;
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::{PersonId, SpaceId};
use belay_protocol::limits;
use belay_protocol::referral::attachment::{Bytes, Manifest, Media};
use belay_protocol::sensitive::Personal;
use data_encoding::{BASE64, HEXLOWER};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// How the records of disclosure of one file begin; those of its pieces say the same and are shown as one.
pub const RECORD: &str = "attachment ";

/// One step of attaching a file.
pub fn attach(step: &mut Step<'_>, session: &StaffSession, ask: &Attach) -> Response {
    let (space, open) = match space(step, ask) {
        Ok(found) => found,
        Err(failure) => return Response::Failed(failure),
    };
    match &ask.step {
        AttachStep::Ask { head } => respond(allowed(step, space, &ask.manifest, head)),
        AttachStep::Put { chunks } => respond(put(step, session, ask, (space, open), chunks)),
        AttachStep::Finish { text } => respond(finish(step, session, ask, space, text)),
    }
}

/// The space in which the file shall stand, if it may; `None`: it is opened when there is something to put in. With the referral that it
/// goes into: that is folded once for each piece, and no more often.
fn space(step: &mut Step<'_>, ask: &Attach) -> Outcome<(Option<SpaceId>, Option<Open>)> {
    ask.manifest.check()?;
    let drawing = ask.manifest.media == Media::Drawing;
    match &ask.to {
        // Nobody sees a hand in it.
        AttachTo::Consent { .. } if ask.manifest.media == Media::Text => {
            Err(no_signature("plain text is no picture of a signature and no scan of a signed paper"))
        }
        AttachTo::Consent { .. } => Ok((Some(house::space(step, &ask.to)?), None)),
        AttachTo::Person { .. } | AttachTo::Thread { .. } if drawing => {
            Err(Failure::misuse("a drawing is a signature under a consent, and goes nowhere else")
                .next("belay consent sign CONSENT --drawn FILE"))
        }
        AttachTo::Person { .. } => Ok((Some(house::space(step, &ask.to)?), None)),
        AttachTo::Thread { thread, information } => {
            let (space, open) = referrals::may_attach(step, thread, *information, &ask.manifest)?;
            Ok((space, Some(open)))
        }
    }
}

fn allowed(
    step: &mut Step<'_>,
    space: Option<SpaceId>,
    manifest: &Manifest,
    head: &Personal<String>,
) -> Outcome<AttachingView> {
    let head = decoded(head)?;
    if Media::sniff(&head) != Some(manifest.media) {
        return Err(Failure::misuse(
            "the file is no PDF, PNG, JPEG or plain text by its content, whatever its name says",
        ));
    }
    Ok(AttachingView { missing: missing(step, space, manifest)? })
}

/// Numbers of the chunks that are not here.
fn missing(step: &mut Step<'_>, space: Option<SpaceId>, manifest: &Manifest) -> Outcome<Vec<u32>> {
    match space {
        Some(space) => Ok(chunks::missing(step.draft(), space, manifest)?),
        None => Ok((0_u32..).zip(&manifest.chunks).map(|(at, _)| at).collect()),
    }
}

fn unsent() -> Failure {
    Failure::misuse("not all of the file has been sent").next("the command again; it goes on where it stopped")
}

fn put(
    step: &mut Step<'_>,
    session: &StaffSession,
    ask: &Attach,
    (mut space, open): (Option<SpaceId>, Option<Open>),
    given: &[(u32, Personal<String>)],
) -> Outcome<AttachingView> {
    if given.is_empty() || given.len() > limits::CHUNKS_AT_ONCE {
        return Err(Failure::misuse(format!("between 1 and {} chunks at once", limits::CHUNKS_AT_ONCE)));
    }
    let needed: BTreeSet<u32> = missing(step, space, &ask.manifest)?.into_iter().collect();
    let mut new: Vec<Bytes> = Vec::new();
    for (at, chunk) in given {
        let bytes = Bytes(decoded(chunk)?);
        ask.manifest.check_chunk(usize::try_from(*at).unwrap_or(usize::MAX), &bytes.0)?;
        if needed.contains(at) && !new.contains(&bytes) {
            new.push(bytes);
        }
    }
    if !new.is_empty() {
        match (&ask.to, open) {
            (AttachTo::Thread { information, .. }, Some(open)) => {
                space = Some(referrals::put_chunks(step, session, open, *information, &ask.manifest, new)?);
            }
            _ => house::put(step, new)?,
        }
        super::project::project_step(step)?;
    }
    Ok(AttachingView { missing: missing(step, space, &ask.manifest)? })
}

fn finish(
    step: &mut Step<'_>,
    session: &StaffSession,
    ask: &Attach,
    space: Option<SpaceId>,
    text: &Personal<String>,
) -> Outcome<AttachmentView> {
    let space = space.ok_or_else(unsent)?;
    let bytes = whole(step, space, &ask.manifest)?;
    if matches!(ask.to, AttachTo::Consent { .. }) && !ask.manifest.media.is_legible(&bytes) {
        let why = format!("this {} is empty or damaged, and no signature can be seen in it", ask.manifest.media.name());
        return Err(no_signature(&why));
    }
    match &ask.to {
        AttachTo::Thread { thread, information } => {
            referrals::attached(step, session, thread, *information, &ask.manifest, text)
        }
        AttachTo::Person { .. } | AttachTo::Consent { .. } => house::keep(step, session, &ask.to, &ask.manifest),
    }
}

/// The file, if every chunk is here, of the type that is claimed, and all of them make it up.
fn whole(step: &mut Step<'_>, space: SpaceId, manifest: &Manifest) -> Outcome<Zeroizing<Vec<u8>>> {
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    let mut whole = Zeroizing::new(Vec::with_capacity(usize::try_from(manifest.length).unwrap_or_default()));
    for (at, chunk) in manifest.chunks.iter().enumerate() {
        let (engine, draft) = step.engine();
        let bytes = chunks::read(engine, draft, space, chunk)?.ok_or_else(unsent)?;
        manifest.check_chunk(at, &bytes.0)?;
        digest.update(&bytes.0);
        whole.extend_from_slice(&bytes.0);
    }
    if digest.finish().as_ref() != manifest.sha256 {
        return Err(Failure::misuse("the file changed while it was read").next("the command again"));
    }
    Ok(whole)
}

/// Without a signature no consent is given (42 CFR 2.31(a)(8), (c)(2)).
fn no_signature(why: &str) -> Failure {
    Failure::misuse(format!("{why} (42 CFR 2.31(a)(8)): a signature is a PDF, PNG or JPEG that opens, or is drawn or typed"))
        .next("scan the signed paper again, and belay consent sign CONSENT --paper FILE; or --paper-at @FILE, that says where the paper lies")
}

/// The attachments of a person, or of a thread.
///
/// # Errors
/// Neither or both are asked for; none fits.
pub fn list(step: &mut Step<'_>, session: &StaffSession, of: &AttachmentsOf) -> Outcome<AttachmentsView> {
    let attachments = match (&of.person, &of.thread) {
        (Some(person), None) => house::of_person(step, session, person)?,
        (None, Some(thread)) => referrals::attachments(step, session, thread)?.into_iter().map(|(v, _, _)| v).collect(),
        (None, None) | (Some(_), Some(_)) => {
            return Err(Failure::misuse("ask for one person or for one referral")
                .next("belay attachment list --person PERSON, or --thread THREAD"));
        }
    };
    Ok(AttachmentsView { attachments })
}

/// Some chunks of an attachment, from `from` on.
///
/// # Errors
/// None fits; chunks that have not arrived: how many; a chunk that is damaged.
pub fn part(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    thread: Option<&str>,
    from: u32,
) -> Outcome<AttachmentPart> {
    let all = match thread {
        Some(thread) => referrals::attachments(step, session, thread)?,
        None => house::like(step, given)?,
    };
    let key = |(view, _, _): &(AttachmentView, Manifest, SpaceId)| (view.id.clone(), String::new());
    // The same file may be attached more than once.
    let mut all = all;
    // Of several the first that is here whole and says the same; a manifest that claims other parts is another file.
    if all.iter().any(|(view, ..)| view.missing == 0) {
        all.retain(|(view, ..)| view.missing == 0);
    }
    // One file may be attached to several persons: who takes it out sees that of each.
    let of: Vec<(String, Shown)> =
        all.iter().map(|(view, ..)| (view.id.clone(), Shown { person: view.person, thread: view.thread })).collect();
    let mut seen = BTreeSet::new();
    all.retain(|(view, ..)| seen.insert(view.id.clone()));
    let (view, manifest, space) = super::named(&all, given, key, "attachment", "belay attachment list")?;
    if view.missing > 0 {
        return Err(Failure::misuse(format!(
            "{} of {} parts of this file have not arrived here yet",
            view.missing, view.parts
        ))
        .next("belay status; the command again once the other organisation's node was connected"));
    }
    // Whichever part is asked for: one that is asked for first is a look as well.
    if thread.is_none() {
        house::looked(step, session, &of, view)?;
    }
    piece(step, (view, manifest, *space), from)
}

/// Whether a page shows it: a picture of no more than [`limits::SHOWN_PICTURE_BYTES`].
#[must_use]
pub fn is_picture(manifest: &Manifest) -> bool {
    matches!(manifest.media, Media::Png | Media::Jpeg) && manifest.length <= limits::SHOWN_PICTURE_BYTES
}

/// Some chunks of the picture that this person, or somebody beside or for them, signed with, as a form on a page shows it.
///
/// # Errors
/// No such person; nothing was signed with it, or it is no picture that a page shows; parts that are not here.
pub fn signature(
    step: &mut Step<'_>,
    session: &StaffSession,
    (person, file): (&Personal<String>, &str),
    from: u32,
) -> Outcome<AttachmentPart> {
    let none =
        || Failure::misuse("no form of this person was signed with such a picture").next("belay attachment list");
    // The record under which it was signed, also where the person is shown under another by now.
    let person: PersonId = person.reveal().parse().map_err(|_| none())?;
    let hash = HEXLOWER.decode(file.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(none)?;
    let (manifest, missing) = house::signed_with(step, person, &hash)?.ok_or_else(none)?;
    if !is_picture(&manifest) {
        return Err(none());
    }
    if missing > 0 {
        return Err(unsent());
    }
    let person = Some(find::shown(step.draft(), person)?);
    let (engine, draft) = step.engine();
    let space = engine.private_space(draft)?.ok_or_else(unsent)?;
    let view = AttachmentView { person, ..shown(&manifest, missing, None) };
    house::looked(step, session, &[(view.id.clone(), Shown { person: view.person, thread: None })], &view)?;
    piece(step, (&view, &manifest, space), from)
}

fn piece(
    step: &mut Step<'_>,
    (view, manifest, space): (&AttachmentView, &Manifest, SpaceId),
    from: u32,
) -> Outcome<AttachmentPart> {
    let start = usize::try_from(from).unwrap_or(usize::MAX);
    let mut chunks = Vec::new();
    for name in manifest.chunks.iter().skip(start).take(limits::CHUNKS_AT_ONCE) {
        let (engine, draft) = step.engine();
        let bytes = chunks::read(engine, draft, space, name)?
            .ok_or_else(|| Fault::store("a part of this file can not be opened any more"))?;
        // The manifest is its author's word: what the parts are is looked at here as well.
        manifest.check_chunk(start.saturating_add(chunks.len()), &bytes.0)?;
        chunks.push(Personal::new(BASE64.encode(&bytes.0)));
    }
    let next = start.saturating_add(chunks.len());
    let next = (next < manifest.chunks.len()).then(|| u32::try_from(next).unwrap_or(u32::MAX));
    Ok(AttachmentPart { attachment: view.clone(), chunks, next })
}

/// `scan.pdf (PDF, 1.2 MB)`, as people read it.
#[must_use]
pub fn described(manifest: &Manifest) -> String {
    let bytes = manifest.length;
    let size = match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    };
    format!("{} ({}, {size})", manifest.name.reveal(), manifest.media.name())
}

/// What the record of disclosure says of a file and of each piece of it.
#[must_use]
pub fn recorded(manifest: &Manifest) -> String {
    let mark = HEXLOWER.encode(manifest.sha256.get(..4).unwrap_or_default());
    format!("{RECORD}{mark}: {}", described(manifest))
}

fn decoded(text: &Personal<String>) -> Outcome<Zeroizing<Vec<u8>>> {
    BASE64
        .decode(text.reveal().as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| Failure::misuse("a part of the file is not base64"))
}

/// A file as it is shown; `thread`: where it stands.
pub(super) fn shown(manifest: &Manifest, missing: usize, thread: Option<&Thread>) -> AttachmentView {
    AttachmentView {
        id: HEXLOWER.encode(&manifest.sha256),
        name: manifest.name.clone(),
        media: manifest.media,
        bytes: manifest.length,
        parts: u32::try_from(manifest.chunks.len()).unwrap_or(u32::MAX),
        missing: u32::try_from(missing).unwrap_or(u32::MAX),
        person: thread.and_then(|t| t.person),
        consent: None,
        thread: thread.map(|t| t.thread),
        information: None,
        staff: Personal::default(),
        at: belay_protocol::time::Time::default(),
        went: None,
    }
}
