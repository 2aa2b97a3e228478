//! Agreements with partners: drafted in our private space, signed in the coalition's, where every member reads them.
//!
//! [`Table::Record`], kinds from 40 on: `40 coalition agreement entry` a body with its organisation and time, `41 coalition form entry` the
//! bytes of a form, `46 agreement` that referrals have still to follow it, `47 thread` that a referral of ours goes by one. All of it can be made again from the entries alone.
//!
//! Parts: `draft` (terms out of what was typed); `page` (signed and ended by staff who signed in); `show` (views); `tie` (what needs no consent, and the referrals under it).

mod draft;
mod page;
mod show;
mod tie;

pub use draft::{draft, draft_as};
pub use page::{end_as, sign_as};
pub use show::{form, intake_words, list, show, whom_it_takes};
pub use tie::{due, follow};
pub(super) use tie::{sent, tied};

use super::{named, parties, project, records, staff, worklist};
use crate::api::agreements::AgreementView;
use crate::api::{Failure, Outcome};
use crate::usecases::records::prefix::Prefix;
use belay_protocol::agreement::{Agreement, Body, Form, Hours, Placed, Terms, fold, id, may_tie};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::Drafted;
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{AgreementId, EntryHash, FormHash, OrgId, SpaceId, StaffId, TermsHash};
use belay_protocol::store::{Draft, Table, View, after_prefix};
use belay_protocol::time::Time;

const BODY: u8 = Prefix::Agreement as u8;
const FORM: u8 = Prefix::Form as u8;

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[kind], parts.concat().as_slice()].concat()
}

fn damaged() -> Fault {
    Fault::store("a record of an agreement is damaged; `belay doctor --rebuild` makes it again from the entries")
}

/// Keeps a body of the coalition space that counts.
///
/// # Errors
/// `Store`. A body that this program does not know is left where it is: a newer program wrote it.
pub fn keep(
    draft: &mut Draft<'_>,
    coalition: SpaceId,
    (hash, org, time): (EntryHash, OrgId, Time),
    bytes: &[u8],
) -> Result<()> {
    let Ok(body) = Body::decode(bytes) else { return Ok(()) };
    if let Body::Form(content) = &body {
        draft.put(Table::Record, key(FORM, &[&coalition.0, &Form::name(content).0, &hash.0]), content.as_slice());
    }
    if let Some(agreement) = body.agreement() {
        let value = [&org.0, time.0.to_be_bytes().as_slice(), bytes].concat();
        draft.put(Table::Record, key(BODY, &[&coalition.0, &agreement.0, &hash.0]), value);
        worklist::agreed(draft, agreement)?;
        tie::changed(draft, agreement);
    }
    Ok(())
}

/// Takes back a body that was kept: it counts no more.
///
/// # Errors
/// `Store`.
pub fn lose(draft: &mut Draft<'_>, coalition: SpaceId, hash: EntryHash, bytes: &[u8]) -> Result<()> {
    let Ok(body) = Body::decode(bytes) else { return Ok(()) };
    if let Body::Form(content) = &body {
        draft.delete(Table::Record, key(FORM, &[&coalition.0, &Form::name(content).0, &hash.0]));
    }
    if let Some(agreement) = body.agreement() {
        draft.delete(Table::Record, key(BODY, &[&coalition.0, &agreement.0, &hash.0]));
        worklist::agreed(draft, agreement)?;
        tie::changed(draft, agreement);
    }
    Ok(())
}

/// Forgets what a coalition's space said, before it is taken again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>, coalition: SpaceId) -> Result<()> {
    worklist::all_time(draft)?;
    for kind in [BODY, FORM] {
        let prefix = key(kind, &[&coalition.0]);
        for (key, _) in draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Record, key);
        }
    }
    Ok(())
}

/// What two organisations agreed, as of all that is here.
///
/// # Errors
/// `Store`.
pub fn between(view: &dyn View, coalition: SpaceId, one: OrgId, other: OrgId) -> Result<Agreement> {
    let agreement = id(coalition, one, other);
    let prefix = key(BODY, &[&coalition.0, &agreement.0]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    let bodies = rows.iter().map(|(_, value)| placed(value)).collect::<Result<Vec<Placed>>>()?;
    Ok(fold(coalition, agreement, &bodies))
}

fn placed(value: &[u8]) -> Result<Placed> {
    let (org, rest) = value.split_at_checked(32).ok_or_else(damaged)?;
    let (time, body) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
    Ok(Placed {
        org: OrgId::from_slice(org).ok_or_else(damaged)?,
        time: Time(u64::from_be_bytes(*time)),
        body: Body::decode(body).map_err(|_| damaged())?,
    })
}

/// What an organisation promises us, or we it, for what is referred to `recipient` now; where nothing was agreed, the defaults.
///
/// # Errors
/// `Store`.
pub fn hours(
    view: &dyn View,
    coalition: SpaceId,
    parties: (OrgId, OrgId),
    recipient: OrgId,
    now: Time,
) -> Result<Hours> {
    let agreement = between(view, coalition, parties.0, parties.1)?;
    Ok(agreement.hours(recipient, now).unwrap_or(Hours::DEFAULT))
}

/// Our own draft with another organisation, with its revision.
fn drafted(view: &dyn View, agreement: AgreementId) -> Result<Option<(u32, Terms)>> {
    Ok(last_draft(view, agreement)?.map(|(revision, terms, _)| (revision, terms)))
}

/// The same with who signed in and wrote it; `None`: somebody at the machine itself.
fn last_draft(view: &dyn View, agreement: AgreementId) -> Result<Option<(u32, Terms, Option<StaffId>)>> {
    let record = records::get(view, records::Kind::Drafted, &[&[0], agreement.0.as_slice()].concat())?;
    Ok(record.and_then(|record| match record.body {
        PrivateBody::Drafted(drafted) => match *drafted {
            Drafted::Terms { revision, terms, by } => Some((revision, *terms, by)),
            Drafted::Form(_) => None,
        },
        _ => None,
    }))
}

/// The bytes of a form as some member published it.
fn published(view: &dyn View, coalition: SpaceId, form: &Form) -> Result<Option<Vec<u8>>> {
    let prefix = key(FORM, &[&coalition.0, &form.sha256.0]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), 1, false)?;
    Ok(rows.into_iter().next().map(|(_, content)| content))
}

/// The bytes of a form: of the coalition's, or of our own draft's.
fn content(view: &dyn View, coalition: SpaceId, form: &Form) -> Result<Option<Vec<u8>>> {
    if let Some(text) = &form.text {
        return Ok(Some(text.clone().into_bytes()));
    }
    if let Some(content) = published(view, coalition, form)? {
        return Ok(Some(content));
    }
    let record = records::get(view, records::Kind::Drafted, &[&[1], form.sha256.0.as_slice()].concat())?;
    Ok(record.and_then(|record| match record.body {
        PrivateBody::Drafted(drafted) => match *drafted {
            Drafted::Form(content) => Some(content),
            Drafted::Terms { .. } => None,
        },
        _ => None,
    }))
}

/// An agreement of ours with all that is known of it.
pub(super) struct Known {
    coalition: SpaceId,
    own: OrgId,
    other: OrgId,
    other_name: String,
    /// The other is a member no more.
    left: bool,
    agreement: Agreement,
    /// Our draft, where it is newer than all that was proposed.
    draft: Option<(u32, Terms)>,
}

impl Known {
    fn new(step: &mut Step<'_>, other: OrgId) -> Outcome<Self> {
        let (coalition, roster) = parties::roster(step)?;
        let own = parties::own(step)?.org;
        let agreement = between(step.draft(), coalition, own, other)?;
        let member = roster.orgs.get(&other);
        let draft = drafted(step.draft(), agreement.id)?.filter(|(_, terms)| terms.version > agreement.highest());
        Ok(Self {
            coalition,
            own,
            other,
            other_name: member.map_or_else(|| other.short(), |member| member.card.name.clone()),
            left: member.is_none_or(|member| member.removed),
            agreement,
            draft,
        })
    }

    /// By the agreement's id, or by the other organisation's id or name.
    fn named(step: &mut Step<'_>, given: &str) -> Outcome<Self> {
        let all = Self::all(step)?;
        let by_id =
            |known: &&Self| given.len() >= 4 && known.agreement.id.to_string().starts_with(&given.to_lowercase());
        if let Some(known) = all.iter().find(by_id) {
            return Self::new(step, known.other);
        }
        let key = |known: &Self| (known.other.to_string(), known.other_name.clone());
        let other = named(&all, given, key, "agreement", "belay agreement list")?.other;
        Self::new(step, other)
    }

    /// Every organisation with which something was drafted or proposed.
    fn all(step: &mut Step<'_>) -> Outcome<Vec<Self>> {
        let (_, roster) = parties::roster(step)?;
        let own = parties::own(step)?.org;
        let mut all = Vec::new();
        for org in roster.orgs.keys().filter(|org| **org != own) {
            let known = Self::new(step, *org)?;
            if known.draft.is_some() || !known.agreement.versions.is_empty() {
                all.push(known);
            }
        }
        Ok(all)
    }

    /// The terms that wait for our signature: our own draft, else the highest that the other side proposes.
    fn to_sign(&self, now: Time) -> Option<&Terms> {
        use belay_protocol::agreement::Standing;
        let open = |version: &&belay_protocol::agreement::Version| {
            self.agreement.standing(version, now) == Standing::Proposed && !version.signed_by(self.own)
        };
        let proposed = self.agreement.versions.iter().find(open).map(|version| &version.terms);
        self.draft.as_ref().map(|(_, terms)| terms).or(proposed)
    }
}

/// At the machine itself, by nobody who signed in: as [`sign_as`], while there is no privacy officer yet.
///
/// # Errors
/// There is one: who may bind the organisation signs in. As [`sign_as`].
pub fn sign_unattended(step: &mut Step<'_>, given: &str, terms: TermsHash, by: &str) -> Outcome<AgreementView> {
    staff::unattended(step.draft())?;
    sign(step, given, terms, by)
}

/// The same of [`end_as`].
///
/// # Errors
/// As [`sign_unattended`].
pub fn end_unattended(step: &mut Step<'_>, given: &str, reason: &str, by: &str) -> Outcome<AgreementView> {
    staff::unattended(step.draft())?;
    end(step, given, reason, by)
}

/// Signs exactly the terms that were shown. A draft of ours is proposed by that, with its forms.
///
/// # Errors
/// Other terms wait, or none; a form is not here yet; the other has left.
pub fn sign(step: &mut Step<'_>, given: &str, terms: TermsHash, by: &str) -> Outcome<AgreementView> {
    let known = Known::named(step, given)?;
    let now = step.context().now;
    let by = belay_protocol::disclosure::private::name("the name of who signs", by)?.reveal().clone();
    if known.left {
        return Err(Failure::misuse(format!("{} is in the coalition no more", known.other_name)).next("belay org list"));
    }
    let wanted = known.to_sign(now).filter(|waiting| waiting.hash() == terms).cloned();
    let Some(wanted) = wanted else {
        let why = if known.to_sign(now).is_some() {
            "these are not the terms that wait for your signature now: they were changed after they were shown to you; read them as they stand, and sign again"
        } else {
            "these are not the terms that wait for your signature now: none do"
        };
        return Err(Failure::misuse(why).next(format!("belay agreement show {}", known.agreement.id.short())));
    };
    if wanted.tie.is_some() {
        let (own, other) = (parties::own(step)?, parties::member(step, &known.other.to_string())?);
        if !(may_tie(own.kind) && may_tie(other.kind)) {
            return Err(draft::never_tied());
        }
    }
    for form in wanted.forms() {
        let Some(bytes) = content(step.draft(), known.coalition, form)? else {
            return Err(Failure::misuse(format!(
                "the form {} has not arrived yet; what nobody can read is not signed",
                form.file
            ))
            .next("belay peers"));
        };
        if form.text.is_none() && published(step.draft(), known.coalition, form)?.is_none() {
            step.write_coalition(known.coalition, &Body::Form(bytes).encode())?;
        }
    }
    if !known.agreement.versions.iter().any(|version| version.hash == terms) {
        step.write_coalition(known.coalition, &Body::Proposed(Box::new(wanted)).encode())?;
    }
    let signature = Body::Signed { agreement: known.agreement.id, terms, by };
    step.write_coalition(known.coalition, &signature.encode())?;
    project::project_step(step)?;
    show::view(step, known.other)
}

/// Ends whatever was agreed or proposed, from now on. The other side need not agree.
///
/// # Errors
/// Nothing is there to be ended; no reason; nobody who ends it.
pub fn end(step: &mut Step<'_>, given: &str, reason: &str, by: &str) -> Outcome<AgreementView> {
    let known = Known::named(step, given)?;
    let by = belay_protocol::disclosure::private::name("the name of who ends it", by)?.reveal().clone();
    if reason.trim().is_empty() {
        return Err(Failure::misuse("say why, without naming a person: every member of the coalition can read it"));
    }
    let through = known.agreement.highest();
    let open = known.agreement.ended.as_ref().is_none_or(|end| end.through < through);
    if known.agreement.versions.is_empty() || !open {
        return Err(
            Failure::misuse("nothing of it is open; a draft goes with the next one").next("belay agreement list")
        );
    }
    let body = Body::Ended { agreement: known.agreement.id, through, reason: reason.trim().to_owned(), by }.encode();
    Body::decode(&body)?;
    step.write_coalition(known.coalition, &body)?;
    project::project_step(step)?;
    show::view(step, known.other)
}

/// Whether a form is named so: by its hash, the beginning of it, or its file's name.
fn is_named(form: &Form, given: &str) -> bool {
    let hash: &FormHash = &form.sha256;
    form.file == given || (given.len() >= 4 && hash.to_string().starts_with(&given.to_lowercase()))
}
