//! Files that stay in the house: sealed in the private space, of a person or of a consent.

use super::{chunks, shown};
use crate::api::Outcome;
use crate::api::care::{AttachTo, AttachmentView};
use crate::usecases::records::{self, Kind, find};
use crate::usecases::staff::StaffSession;
use crate::usecases::{consents, people};
use belay_protocol::disclosure::private::Attachment;
use belay_protocol::disclosure::{Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, PersonId, SpaceId};
use belay_protocol::referral::attachment::{Bytes, FileHash, Manifest};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;

/// The private space, if whom or what the file goes with is known.
pub fn space(step: &mut Step<'_>, to: &AttachTo) -> Outcome<SpaceId> {
    whose(step, to)?;
    let (engine, draft) = step.engine();
    Ok(engine.private_space(draft)?.ok_or_else(|| Fault::misuse("this organisation has no private space here yet"))?)
}

fn whose(step: &mut Step<'_>, to: &AttachTo) -> Outcome<(PersonId, Option<ConsentId>)> {
    Ok(match to {
        AttachTo::Person { person } => (people::find(step.draft(), person)?.id, None),
        AttachTo::Consent { consent } => {
            let consent = consents::find(step.draft(), consent)?;
            (consent.person(), Some(consent.id()))
        }
        AttachTo::Thread { .. } => return Err(Fault::bug("a file of a thread does not stay in the house").into()),
    })
}

pub fn put(step: &mut Step<'_>, new: Vec<Bytes>) -> Result<()> {
    for bytes in new {
        step.write_private(&PrivateBody::Chunk(bytes).encode())?;
    }
    Ok(())
}

/// Writes the manifest: from now on the file is seen.
pub fn keep(
    step: &mut Step<'_>,
    session: &StaffSession,
    to: &AttachTo,
    manifest: &Manifest,
) -> Outcome<AttachmentView> {
    let (person, consent) = whose(step, to)?;
    let at = step.context().now;
    let attachment = Attachment { manifest: manifest.clone(), person, consent, by: session.by(), at };
    step.write_private(&PrivateBody::Attachment(Box::new(attachment.clone())).encode())?;
    Ok(view(&attachment, 0))
}

fn view(attachment: &Attachment, missing: usize) -> AttachmentView {
    AttachmentView {
        person: Some(attachment.person),
        consent: attachment.consent,
        staff: attachment.by.name.clone(),
        at: attachment.at,
        ..shown(&attachment.manifest, missing, None)
    }
}

/// Those of which the id begins so, newest first.
pub fn like(step: &mut Step<'_>, given: &str) -> Outcome<Vec<(AttachmentView, Manifest, SpaceId)>> {
    let Some(bytes) = crate::usecases::beginning(given) else { return Ok(Vec::new()) };
    let kept = kept(step.draft(), &bytes)?;
    viewed(step, kept)
}

/// Those of one person.
pub fn of_person(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &Personal<String>,
) -> Outcome<Vec<AttachmentView>> {
    let person = people::find(step.draft(), given)?.id;
    people::look(step, session, Looked::Attachment, Some(person), None)?;
    let kept = find::attachments(step.draft(), person)?;
    Ok(viewed(step, kept)?.into_iter().map(|(view, _, _)| view).collect())
}

/// As they are shown, newest first. Only of these it is asked what of them is here.
fn viewed(step: &mut Step<'_>, kept: Vec<Attachment>) -> Outcome<Vec<(AttachmentView, Manifest, SpaceId)>> {
    let (engine, draft) = step.engine();
    let Some(space) = engine.private_space(draft)? else { return Ok(Vec::new()) };
    let mut all = Vec::with_capacity(kept.len());
    for attachment in kept {
        let person = Some(find::shown(draft, attachment.person)?);
        let missing = chunks::missing(draft, space, &attachment.manifest)?.len();
        all.push((AttachmentView { person, ..view(&attachment, missing) }, attachment.manifest, space));
    }
    all.sort_by(|a, b| b.0.at.cmp(&a.0.at).then(a.0.id.cmp(&b.0.id)));
    Ok(all)
}

/// Records that a file was taken out, with each person to whom it is attached.
pub fn looked(
    step: &mut Step<'_>,
    session: &StaffSession,
    of: &[(String, Shown)],
    view: &AttachmentView,
) -> Result<()> {
    let shown = of.iter().filter(|(id, _)| *id == view.id).map(|(_, shown)| *shown).collect();
    people::look_at(step, session, Looked::Attachment, shown)
}

/// The file of this hash that was attached to a consent: its signed paper or drawn signature.
///
/// # Errors
/// `Store`.
pub fn of_consent(view: &dyn View, consent: ConsentId, file: &FileHash) -> Result<Option<Manifest>> {
    let kept = kept(view, file)?;
    Ok(kept.into_iter().find(|a| a.consent == Some(consent)).map(|a| a.manifest))
}

/// What this person, or somebody beside or for them, signed with, and how many of its parts are not here.
///
/// # Errors
/// `Store`.
pub fn signed_with(step: &mut Step<'_>, person: PersonId, file: &FileHash) -> Result<Option<(Manifest, usize)>> {
    let kept = kept(step.draft(), file)?.into_iter().find(|a| a.person == person && a.consent.is_some());
    let (engine, draft) = step.engine();
    let (Some(kept), Some(space)) = (kept, engine.private_space(draft)?) else { return Ok(None) };
    let missing = chunks::missing(draft, space, &kept.manifest)?.len();
    Ok(Some((kept.manifest, missing)))
}

/// A part of a file that stays here, if it is here and opens.
///
/// # Errors
/// `Store`.
pub fn in_private(step: &mut Step<'_>, chunk: &FileHash) -> Result<Option<Bytes>> {
    let (engine, draft) = step.engine();
    let Some(space) = engine.private_space(draft)? else { return Ok(None) };
    chunks::read(engine, draft, space, chunk)
}

fn kept(view: &dyn View, prefix: &[u8]) -> Result<Vec<Attachment>> {
    let records = records::all(view, Kind::Attachment, prefix)?;
    Ok(records
        .into_iter()
        .filter_map(|record| match record.body {
            PrivateBody::Attachment(attachment) => Some(*attachment),
            _ => None,
        })
        .collect())
}
