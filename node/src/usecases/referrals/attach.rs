//! Files in a thread: each is told under the consent, in the space of its kind of information.

use super::{Open, left, settled, write};
use crate::api::care::AttachmentView;
use crate::api::{Failure, Outcome};
use crate::usecases::attachments::{chunks, in_the_house, recorded, shown};
use crate::usecases::outside;
use crate::usecases::people;
use crate::usecases::staff::StaffSession;
use belay_protocol::consent::Action;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::disclosure::{Brief, Looked};
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::SpaceId;
use belay_protocol::limits;
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::attachment::{Bytes, Manifest};
use belay_protocol::referral::{Act, Attached, Body, Information, Signed, step as transition};
use belay_protocol::sensitive::Personal;

/// The space in which a file may stand, before anything of it is written, and the referral.
///
/// # Errors
/// The refusal of `consent::decide`; no space of that kind; too much in this thread already.
pub(in crate::usecases) fn may_attach(
    step: &mut Step<'_>,
    given: &str,
    information: Information,
    manifest: &Manifest,
) -> Outcome<(Option<SpaceId>, Open)> {
    let (open, information) = (going_on(step, given, manifest)?, kind(information));
    if outside::off_network(&open.thread) {
        // Staff hand it over; what is kept stays in the house.
        open.may_tell(step, information, Action::Export).map_err(Fault::from)?;
        return Ok((Some(house(step)?), open));
    }
    open.may_tell(step, information, Action::Seal).map_err(Fault::from)?;
    let space = open.thread.space(information);
    // Only the sender opens spaces, and opens them when there is something to put in.
    if space.is_none() && open.thread.direction == Direction::Incoming {
        return Err(Failure::not_permitted(format!(
            "the sender has not opened this referral for `{information}` information yet"
        )));
    }
    let missing = match space {
        Some(space) => chunks::missing(step.draft(), space, manifest)?.len(),
        None => manifest.chunks.len(),
    } as u64;
    let mut used = 0_u64;
    for (_, space) in &open.thread.spaces {
        used = used.saturating_add(chunks::room(step.draft(), *space)?);
    }
    if used.saturating_add(missing.saturating_mul(limits::CHUNK_BYTES as u64)) > limits::THREAD_ATTACHMENT_BYTES {
        return Err(Failure::misuse(format!(
            "the files of one referral have at most {} MB together",
            limits::THREAD_ATTACHMENT_BYTES / 1_000_000
        )));
    }
    Ok((space, open))
}

/// A referral in which somebody is left to read what comes, and that takes files where it stands.
fn going_on(step: &mut Step<'_>, given: &str, manifest: &Manifest) -> Outcome<Open> {
    let open = Open::named(step, given)?;
    left::refuse_act(step, &open)?;
    let act = act(Information::Referral, manifest, &Personal::default());
    transition(open.state.place, &act, open.actor()).map_err(|why| {
        Failure::misuse(format!("this referral takes no file: {why}")).next("belay referral show THREAD")
    })?;
    if super::is_unlinked(&open) {
        return Err(super::unlinked(&open));
    }
    Ok(open)
}

fn act(information: Information, manifest: &Manifest, text: &Personal<String>) -> Act {
    Act::Attachment(Box::new(Attached { information, manifest: manifest.clone(), text: text.clone() }))
}

/// Where the parts of a file lie that is handed over on paper or by other means.
fn house(step: &mut Step<'_>) -> Outcome<SpaceId> {
    let (engine, draft) = step.engine();
    Ok(engine.private_space(draft)?.ok_or_else(|| Fault::misuse("this organisation has no private space here yet"))?)
}

/// What kind of information a file is: what was said, but for a bug that is planted.
fn kind(said: Information) -> Information {
    if planted::is(Bug::FileKindIgnored) { Information::Referral } else { said }
}

/// Seals some chunks in the referral that [`may_attach`] gave: one record of disclosure for all of them. Where they lie.
///
/// # Errors
/// The refusal of `consent::decide`.
pub(in crate::usecases) fn put_chunks(
    step: &mut Step<'_>,
    session: &StaffSession,
    mut open: Open,
    information: Information,
    manifest: &Manifest,
    new: Vec<Bytes>,
) -> Outcome<SpaceId> {
    let information = kind(information);
    if outside::off_network(&open.thread) {
        open.may_tell(step, information, Action::Export).map_err(Fault::from)?;
        in_the_house(step, new)?;
        return house(step);
    }
    if open.thread.space(information).is_none() {
        write::open_spaces(step, &session.by(), &mut open, &[information])?;
    }
    // The notice goes before anything else (42 CFR 2.32).
    write::give_notice(step, &session.by(), &mut open, information)?;
    let space = open.thread.space(information).ok_or_else(|| Fault::bug("a space that was there is gone"))?;
    let bodies: Vec<_> = new.into_iter().map(|bytes| Body::Chunk(bytes).encode()).collect();
    let bodies: Vec<&[u8]> = bodies.iter().map(|body| body.as_slice()).collect();
    let at = (information, information, space);
    write::tell_each(step, &session.by(), &open, at, &bodies, (Brief::File, &recorded(manifest)))?;
    Ok(space)
}

/// Writes the manifest: from now on both sides see the file.
///
/// # Errors
/// As [`may_attach`].
pub fn attached(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    information: Information,
    manifest: &Manifest,
    text: &Personal<String>,
) -> Outcome<AttachmentView> {
    let (mut open, information) = (going_on(step, given, manifest)?, kind(information));
    let act = act(information, manifest, text);
    act.check()?;
    let (at, staff) = (step.context().now, session.by().name);
    let view = AttachmentView { information: Some(information), staff, at, ..shown(manifest, 0, Some(&open.thread)) };
    if outside::off_network(&open.thread) {
        outside::choose(step, session, &open, (information, act))?;
        settled(step)?;
        return Ok(AttachmentView { went: Some(Vec::new()), ..view });
    }
    let notice = write::give_notice(step, &session.by(), &mut open, information)?;
    let body = Body::Act(Signed { notice, by: session.by(), act });
    write::tell(step, &session.by(), &open, (information, information), &body, (Brief::File, &recorded(manifest)))?;
    settled(step)?;
    Ok(view)
}

/// The files of a thread that may be shown here, newest first, with where they lie.
///
/// # Errors
/// No such thread.
pub fn attachments(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
) -> Outcome<Vec<(AttachmentView, Manifest, SpaceId)>> {
    let open = Open::named(step, given)?;
    people::look(step, session, Looked::Attachment, open.thread.person, Some(open.thread.thread))?;
    let mut all = Vec::new();
    for line in open.state.history.iter().rev().filter(|line| line.without_effect.is_none()) {
        let Act::Attachment(attached) = &line.act else { continue };
        let ours = line.org == open.own;
        if !ours && open.may_show(step, line.org, attached.information).is_none() {
            continue;
        }
        let space = match open.thread.space(attached.information) {
            Some(space) => space,
            None if ours && outside::off_network(&open.thread) => house(step)?,
            None => continue,
        };
        let missing = chunks::missing(step.draft(), space, &attached.manifest)?.len();
        let went = (ours && outside::off_network(&open.thread))
            .then(|| outside::file_words(step.draft(), open.thread.thread, line.entry))
            .transpose()?;
        let view = AttachmentView {
            information: Some(attached.information),
            staff: line.by.name.clone(),
            at: line.at,
            went,
            ..shown(&attached.manifest, missing, Some(&open.thread))
        };
        all.push((view, attached.manifest.clone(), space));
    }
    Ok(all)
}
