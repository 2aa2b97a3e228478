//! Terms out of what was typed: laid over the draft or version before, so that nothing is asked twice.

use super::{Known, project, show};
use crate::api::agreements::{AgreementView, Fields, IntakeFields, NeededFields, TieFields, TieWord};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::parties;
use crate::usecases::staff::{self, StaffSession};
use belay_protocol::agreement::{
    Form, Hours, Intake, Needed, Side, Standing, Terms, TieKind, TieTerms, Version, may_tie,
};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::Drafted;
use belay_protocol::engine::Step;
use belay_protocol::referral::attachment::Media;
use belay_protocol::time::{Local, NotATime, Time};
use data_encoding::BASE64;

/// Drafts a version; the draft before it is replaced. Nobody else sees it before it is signed.
///
/// # Errors
/// No such member, ourselves, or a field that is not as it should be, named.
pub fn draft(step: &mut Step<'_>, fields: &Fields) -> Outcome<AgreementView> {
    keep(step, None, fields)
}

/// The same by who signed in: a draft of somebody else, who may mean to sign it, is replaced only by who may bind the organisation.
///
/// # Errors
/// Who may not replace the draft; as [`draft`].
pub fn draft_as(step: &mut Step<'_>, session: &StaffSession, fields: &Fields) -> Outcome<AgreementView> {
    keep(step, Some(session), fields)
}

fn keep(step: &mut Step<'_>, session: Option<&StaffSession>, fields: &Fields) -> Outcome<AgreementView> {
    let other = parties::member(step, &fields.with)?;
    let own = parties::own(step)?;
    if other.org == own.org {
        return Err(Failure::misuse("with: an agreement is made with another organisation").next("belay org list"));
    }
    let known = Known::new(step, other.org)?;
    let (now, by) = (step.context().now, session.map(|session| session.by().staff));
    if let Some(session) = session
        && known.draft.is_some()
        && super::last_draft(step.draft(), known.agreement.id)?.is_some_and(|(.., of)| of != by)
    {
        staff::may_bind(step.draft(), session)?;
    }
    let before = known.draft.as_ref().map(|(_, terms)| terms);
    let newest = || known.agreement.versions.first().map(|version| &version.terms);
    let before = before.or_else(newest);
    let side = |org| before.and_then(|terms| terms.side(org)).cloned();
    let mut forms = Vec::new();
    let ours = Side {
        org: own.org,
        name: own.name,
        contacts: contacts(fields.our_contacts.as_ref(), side(own.org).as_ref()),
        intake: intake("to_us", fields.to_us.as_ref(), side(own.org).and_then(|side| side.intake), &mut forms)?,
    };
    let theirs = Side {
        org: other.org,
        name: other.name,
        contacts: contacts(fields.their_contacts.as_ref(), side(other.org).as_ref()),
        intake: intake("to_them", fields.to_them.as_ref(), side(other.org).and_then(|side| side.intake), &mut forms)?,
    };
    let tie = tie(fields.tie.as_ref(), (&ours, &theirs), tied_before(&known, now))?;
    if tie.is_some() && !(may_tie(own.kind) && may_tie(other.kind)) {
        return Err(never_tied());
    }
    if ours.intake.is_none() && theirs.intake.is_none() && tie.is_none() {
        return Err(Failure::misuse("to_them, to_us, tie: say at least what one of the two takes, or what ties them")
            .next("belay agreement draft --help"));
    }
    let sides = if ours.org < theirs.org { [ours, theirs] } else { [theirs, ours] };
    let begins = match &fields.from {
        Some(text) => Some(day("from", text, system::begin)?),
        None => before.map(|terms| terms.from),
    };
    let until = match fields.until.as_deref() {
        Some("") => None,
        // The last day counts.
        Some(text) => Some(day("until", text, system::end)?),
        None => before.and_then(|terms| terms.until),
    };
    let terms = Terms {
        coalition: known.coalition,
        version: known.agreement.highest().saturating_add(1),
        sides,
        from: begins.unwrap_or_else(|| today(now)),
        until,
        note: fields.note.clone().or_else(|| before.map(|terms| terms.note.clone())).unwrap_or_default(),
        tie,
    };
    terms.check()?;
    let revision = super::drafted(step.draft(), terms.id())?.map_or(0, |(revision, _)| revision).saturating_add(1);
    for content in forms {
        step.write_private(&PrivateBody::Drafted(Box::new(Drafted::Form(content))).encode())?;
    }
    step.write_private(
        &PrivateBody::Drafted(Box::new(Drafted::Terms { revision, terms: Box::new(terms), by })).encode(),
    )?;
    project::project_step(step)?;
    show::view(step, other.org)
}

/// The police, courts, jails, probation and parole are neither part of a program nor among who serves one (42 CFR 2.11).
pub(super) fn never_tied() -> Failure {
    let why = "tie: law enforcement and criminal justice are neither part of a program nor a service organisation to one (42 CFR 2.11)";
    Failure::not_permitted(why)
        .next("belay consent draft --class criminal_justice, for what the person agrees to (42 CFR 2.35)")
}

/// The tie that a draft goes on with where none is given: that of the draft before it; else that of what both signed and what has not ended.
/// One that somebody merely proposed, or that is over, is written anew by who wants it.
fn tied_before(known: &Known, now: Time) -> Option<TieTerms> {
    if let Some((_, terms)) = &known.draft {
        return terms.tie.clone();
    }
    let stands = |version: &&Version| {
        version.is_signed() && matches!(known.agreement.standing(version, now), Standing::InForce | Standing::Coming)
    };
    known.agreement.versions.iter().find(stands).and_then(|version| version.terms.tie.clone())
}

/// What ties the two; what is not said stays as it was.
fn tie(
    given: Option<&TieFields>,
    (ours, theirs): (&Side, &Side),
    before: Option<TieTerms>,
) -> Outcome<Option<TieTerms>> {
    let Some(given) = given else { return Ok(before) };
    let kind = match given.kind {
        Some(TieWord::None) => return Ok(None),
        Some(TieWord::SameProgram) => TieKind::SameProgram,
        Some(TieWord::Service) => TieKind::Service,
        None => before.as_ref().map(|tie| tie.kind).ok_or_else(|| {
            Failure::misuse("tie.kind: say same_program, service or none").next("belay agreement draft --help")
        })?,
    };
    let mut information = given.information.clone().or_else(|| before.as_ref().map(|tie| tie.information.clone()));
    if let Some(kinds) = &mut information {
        kinds.sort_unstable();
        kinds.dedup();
    }
    let program = match given.they_are_the_program {
        Some(true) => theirs.org,
        Some(false) => ours.org,
        None => before.as_ref().map_or(ours.org, |tie| tie.program),
    };
    Ok(Some(TieTerms {
        kind,
        program,
        services: given.services.clone().or_else(|| before.map(|tie| tie.services)).unwrap_or_default(),
        information: information.unwrap_or_default(),
        statement: kind.statement().to_owned(),
    }))
}

fn contacts(
    given: Option<&Vec<belay_protocol::agreement::Contact>>,
    before: Option<&Side>,
) -> Vec<belay_protocol::agreement::Contact> {
    given.cloned().or_else(|| before.map(|side| side.contacts.clone())).unwrap_or_default()
}

/// `None`: neither now nor before was anything said about this side.
fn intake(
    table: &str,
    given: Option<&IntakeFields>,
    before: Option<Intake>,
    forms: &mut Vec<Vec<u8>>,
) -> Outcome<Option<Intake>> {
    let Some(given) = given else { return Ok(before) };
    let mut intake = before.unwrap_or(Intake {
        inclusion: Vec::new(),
        exclusion: Vec::new(),
        needed: Vec::new(),
        hours: Hours::DEFAULT,
        late: Vec::new(),
    });
    if let Some(lines) = &given.inclusion {
        intake.inclusion.clone_from(lines);
    }
    if let Some(lines) = &given.exclusion {
        intake.exclusion.clone_from(lines);
    }
    if let Some(needed) = &given.needed {
        let known = std::mem::take(&mut intake.needed);
        intake.needed = needed.iter().map(|one| with_form(table, one, &known, forms)).collect::<Outcome<_>>()?;
    }
    if let Some(late) = &given.late {
        intake.late.clone_from(late);
    }
    let hours = &mut intake.hours;
    for (field, value) in [
        (&mut hours.acknowledge, given.acknowledge_hours),
        (&mut hours.acknowledge_urgent, given.acknowledge_urgent_hours),
        (&mut hours.appointment, given.appointment_hours),
        (&mut hours.appointment_urgent, given.appointment_urgent_hours),
        (&mut hours.summary, given.summary_hours),
    ] {
        *field = value.unwrap_or(*field);
    }
    // Where only one of the two is given, the default of the other must not contradict it.
    if given.acknowledge_urgent_hours.is_none() {
        hours.acknowledge_urgent = hours.acknowledge_urgent.min(hours.acknowledge);
    }
    if given.appointment_urgent_hours.is_none() {
        hours.appointment_urgent = hours.appointment_urgent.min(hours.appointment);
    }
    Ok(Some(intake))
}

/// What is named as it was before keeps its form, unless another is given or none is wanted.
fn with_form(table: &str, given: &NeededFields, known: &[Needed], forms: &mut Vec<Vec<u8>>) -> Outcome<Needed> {
    let form = match (&given.form, &given.content) {
        (Some(file), Some(content)) => {
            let bytes = BASE64
                .decode(content.as_bytes())
                .map_err(|_| Failure::misuse(format!("{table}.needed.content: not Base64")))?;
            if Media::sniff(&bytes).is_none_or(|media| media == Media::Drawing) {
                return Err(Failure::misuse(format!(
                    "{table}.needed.form: {file} is no PDF, PNG, JPEG or plain text by its content, whatever its name says"
                )));
            }
            let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
            let form = Form::new(name, &bytes)?;
            if form.text.is_none() {
                forms.push(bytes);
            }
            Some(form)
        }
        (Some(none), None) if none.is_empty() => None,
        (Some(_), None) => {
            return Err(Failure::misuse(format!("{table}.needed.form: the file was not read")));
        }
        (None, _) => known.iter().find(|before| before.name == given.name).and_then(|before| before.form.clone()),
    };
    Ok(Needed { name: given.name.clone(), form })
}

fn day(field: &str, text: &str, read: fn(&str) -> Result<Time, NotATime>) -> Outcome<Local> {
    read(text).map(system::local).map_err(|error| Failure::misuse(format!("{field}: {error}")))
}

/// From the midnight before `now` on.
fn today(now: Time) -> Local {
    let day = system::begin(&system::day(now)).unwrap_or(now);
    system::local(day)
}
