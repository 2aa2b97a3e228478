//! What went under a consent that is known to be false (42 CFR 2.31(c)(4)): whoever has it got it without a permission, which may be a breach
//! (42 CFR 2.16(b); 45 CFR 164.402). It is shown with the consent, by recipient, and stands in the privacy officer's list until a word was said of each.

use super::fitting;
use crate::api::care::{ConsentView, FalseLine, FalseView, FalselyTold, ReviewView};
use crate::api::{Failure, Outcome};
use crate::usecases::records::{self, Kind, falsely, find, told};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{consents, emergency, named, parties, people, project, short_enough, worklist};
use belay_protocol::consent::Consent;
use belay_protocol::disclosure::{Accounting, Disclosure, Judged, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId};
use belay_protocol::limits::LIST_PAGE;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use std::collections::{BTreeMap, BTreeSet};

/// The words that were said of a consent: the newest about what each organisation was told, and the disclosures that any of them is about.
#[derive(Default)]
struct Words {
    newest: BTreeMap<OrgId, Judged>,
    of: BTreeSet<EntryHash>,
}

fn words(view: &dyn View, consent: ConsentId) -> Result<Words> {
    let mut words = Words::default();
    for record in records::all(view, Kind::Judged, &consent.0)? {
        let PrivateBody::Judged(word) = record.body else { continue };
        words.of.extend(word.records.iter().copied());
        if words.newest.get(&word.to).is_none_or(|known| known.at <= word.at) {
            words.newest.insert(word.to, *word);
        }
    }
    Ok(words)
}

/// What one organisation was told, with the record of each.
struct Told {
    view: FalselyTold,
    records: BTreeSet<EntryHash>,
}

/// What went under this consent to whom, if it is known to be false; what was not told after all is not in it.
///
/// # Errors
/// `Store`.
pub fn under(step: &mut Step<'_>, consent: ConsentId) -> Outcome<Vec<FalselyTold>> {
    Ok(told(step, consent)?.into_iter().map(|told| told.view).collect())
}

/// How a consent stands that waits for the privacy officer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// It may be false.
    Suspended,
    False,
}

/// `None`: nobody said that it is or may be false, or it stands again.
fn stands(view: &dyn View, consent: ConsentId) -> Result<Option<Stands>> {
    if !falsely::is_false(view, consent)? {
        return Ok(None);
    }
    Ok(match consents::get(view, consent)? {
        Some(Consent::Void(_)) => Some(Stands::False),
        Some(known) if consents::unjudged(&known) => Some(Stands::Suspended),
        _ => None,
    })
}

fn told(step: &mut Step<'_>, consent: ConsentId) -> Outcome<Vec<Told>> {
    if stands(step.draft(), consent)?.is_none() {
        return Ok(Vec::new());
    }
    let mut words = words(step.draft(), consent)?;
    let mut of: BTreeMap<OrgId, (Vec<Disclosure>, BTreeSet<EntryHash>)> = BTreeMap::new();
    let to = told::told_under(step.draft(), consent)?;
    for one in fitting(step, Accounting::default(), &to)? {
        if one.told.consent == consent && one.back.is_none() {
            let (told, records) = of.entry(one.told.to).or_default();
            told.push(one.told);
            records.insert(one.record);
        }
    }
    let mut all = Vec::with_capacity(of.len());
    for (to, (mut told, records)) in of {
        told.sort_by_key(|one| (one.at, one.information));
        let word = words.newest.remove(&to);
        let phone = match parties::partner(step, &to.to_string()) {
            Ok(party) => worklist::telephone(step, &party)?,
            Err(_) => None,
        };
        let view = FalselyTold {
            to,
            recipient: told.last().map(|one| one.recipient.clone()).unwrap_or_default(),
            phone,
            open: !records.is_subset(&words.of),
            judged: word.map(|word| ReviewView { at: word.at, staff: word.by.name, note: word.why }),
            told: told
                .into_iter()
                .map(|Disclosure { at, information, what, stage, .. }| FalseLine { at, information, what, stage })
                .collect(),
        };
        all.push(Told { view, records });
    }
    Ok(all)
}

/// The privacy officer says what follows from what one organisation was told.
///
/// # Errors
/// Somebody else; a consent that is not known to be false, or under which nothing was told to it; no word.
pub fn judge(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    to: Option<&str>,
    why: &Personal<String>,
) -> Outcome<ConsentView> {
    staff::privacy_officer(step.draft(), session, "to say what follows from a consent that is false")?;
    let consent = consents::find(step.draft(), given)?.id();
    if why.reveal().trim().is_empty() {
        let asked = "say whether it is a breach, why, and what was done: who had it, whether it was read, whether it was given back";
        return Err(Failure::misuse(asked).next("--why @FILE"));
    }
    short_enough(why)?;
    if stands(step.draft(), consent)? != Some(Stands::False) {
        let why = "this consent is not known to be false";
        return Err(Failure::misuse(why)
            .next("belay consent void, if it is; belay consent suspend --lift, if it was suspended and is not"));
    }
    let all = told(step, consent)?;
    let open: Vec<&Told> = all.iter().filter(|one| one.view.open).collect();
    let one = match (to, open.as_slice()) {
        (None, []) => return Err(Failure::misuse("nothing that went under it waits for a word").next(SHOW)),
        (None, [only]) => *only,
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|one| one.view.recipient.as_str()).collect();
            return Err(Failure::misuse(format!("it let something out to several: {}", names.join("; ")))
                .next("the command again with --to ORG, once for each"));
        }
        (Some(to), _) => {
            let name = |of: &Told| match of.view.recipient.split_once(", ") {
                Some((name, _)) => name.to_owned(),
                None => of.view.recipient.clone(),
            };
            let key = |of: &Told| (of.view.to.to_string(), name(of));
            named(&all, to, key, "organisation to which something went under it", SHOW)?
        }
    };
    let (to, by, at) = (one.view.to, session.by(), step.context().now);
    let records: Vec<EntryHash> = one.records.iter().copied().collect();
    for records in records.chunks(LIST_PAGE) {
        let (why, records) = (why.reveal().trim().into(), records.to_vec());
        let judged = Judged { consent, to, records, why, by: by.clone(), at };
        step.write_private(&PrivateBody::Judged(Box::new(judged)).encode())?;
    }
    project::project_step(step)?;
    consents::show(step, session, &consent.to_string(), false)
}

const SHOW: &str = "belay consent show CONSENT";

/// The consents that are suspended, and those that are known to be false and under which something was told of which nothing was said yet; with
/// what that is.
///
/// # Errors
/// `Store`.
pub fn waiting(step: &mut Step<'_>) -> Outcome<Vec<(ConsentId, Vec<FalselyTold>)>> {
    let mut told = falsely::told(step.draft())?;
    if told.is_empty() {
        return Ok(Vec::new());
    }
    for (record, opened) in emergency::openings(step)? {
        if let Some(records) = told.get_mut(&opened.consent) {
            records.insert(record);
        }
    }
    let mut waiting = Vec::new();
    for (id, records) in told {
        let stands = stands(step.draft(), id)?;
        if stands == Some(Stands::Suspended) {
            waiting.push((id, under(step, id)?));
        }
        if stands != Some(Stands::False) || records.is_subset(&words(step.draft(), id)?.of) {
            continue;
        }
        let open: Vec<FalselyTold> = under(step, id)?.into_iter().filter(|one| one.open).collect();
        if !open.is_empty() {
            waiting.push((id, open));
        }
    }
    Ok(waiting)
}

/// As the condition of the node says it, in numbers alone.
///
/// # Errors
/// `Store`.
pub fn sentence(step: &mut Step<'_>) -> Outcome<Option<String>> {
    let many = waiting(step)?.len() + consents::doubted(step.draft())?.len();
    Ok((many > 0)
        .then(|| format!("consents that are suspended, or false and something was told under them: {many} to judge by the privacy officer")))
}

/// The first of them, for the list of a privacy officer.
pub(super) fn open(step: &mut Step<'_>) -> Outcome<Vec<FalseView>> {
    let mut list = Vec::new();
    for (id, told) in waiting(step)? {
        let Some(consent) = consents::get(step.draft(), id)? else { continue };
        let to = told.into_iter().map(|one| one.recipient).collect();
        let person = find::shown(step.draft(), consent.person())?;
        let known = people::get(step.draft(), person)?.map(|known| known.identity.name);
        let name = known.unwrap_or_else(|| consent.terms().person.clone());
        list.push(FalseView { suspended: consents::unjudged(&consent), consent: id, person, name, to });
    }
    list.truncate(LIST_PAGE);
    Ok(list)
}
