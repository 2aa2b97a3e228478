//! What `status` says of this node's own part: that it was taken out of its coalition, and that its folder was copied.

use super::stewards;
use crate::ops::conditions::{self, Conditions, Severity};
use belay_protocol::engine::Engine;
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use belay_protocol::store::View;
use belay_protocol::time::{DAY, Time};
use std::collections::{BTreeMap, BTreeSet};

/// How long after the last sign of another copy it is still told.
const COPY_TOLD: u64 = 7 * DAY;

/// Says, or no longer says, what holds now.
///
/// # Errors
/// `Store`.
pub fn judge(engine: &mut Engine, view: &dyn View, conditions: &Conditions, now: Time) -> Result<()> {
    let removed = removed(engine, view)?;
    conditions.hold(conditions::REMOVED, Severity::Error, removed, Some("belay org list, for whom to telephone"));
    stewards::judge(engine, view, conditions)?;
    let (sentence, next) = flood(engine, view, now)?.unzip();
    conditions.hold(conditions::FLOOD, Severity::Warning, sentence, next.as_deref());
    let (sentence, next) = unheard(engine, view, now)?.unzip();
    conditions.hold(conditions::UNHEARD, Severity::Warning, sentence, next.as_deref());
    let (sentence, next) = later(engine, view)?.unzip();
    conditions.hold(conditions::LATER_STATE, Severity::Error, sentence, next.as_deref());
    let (sentence, next) = false_claims(engine, view)?.unzip();
    conditions.hold(conditions::FALSE_CLAIM, Severity::Warning, sentence, next.as_deref());
    let (sentence, next) = stray(engine, view)?.unzip();
    conditions.hold(conditions::STRAY, Severity::Error, sentence, next.as_deref());
    let unended = unended(engine, view, now)?;
    conditions.hold(conditions::UNENDED, Severity::Warning, unended, Some("timedatectl set-ntp true; belay peers"));
    let elsewhere = engine.elsewhere(view)?.filter(|at| now.since(*at) < COPY_TOLD);
    let sentence = elsewhere.map(|at| {
        format!(
            "another copy of this data folder is running or was: words of this node came back (last {at}) that this folder \
             never wrote. Nothing is lost and both go on, but others reach only one of them at a time. If two run, stop one \
             for good and delete its folder; if this folder was put back from a backup, all is well"
        )
    });
    conditions.hold(
        conditions::COPY,
        Severity::Warning,
        sentence,
        Some("belay status, on each machine that may hold a copy"),
    );
    Ok(())
}

/// Who has said so much that little of its quota is left, or nothing; with the command that takes it out.
fn flood(engine: &mut Engine, view: &dyn View, now: Time) -> Result<Option<(String, String)>> {
    let low = engine.accounts_below(view, limits::ALLOWANCE_LOW, now)?;
    let Some((account, left)) = low.iter().min_by_key(|(_, left)| *left) else { return Ok(None) };
    let name = name_of(engine, view, account.org)?;
    let orgs: BTreeSet<OrgId> = low.iter().map(|(account, _)| account.org).collect();
    let others = and_more(orgs.len());
    let state = if *left > 0 {
        format!("{} MiB of its quota are left", left / (1024 * 1024))
    } else {
        "its quota is used up, and what is more comes in slowly".to_owned()
    };
    let day = limits::ALLOWANCE_A_DAY / (1024 * 1024);
    let sentence = format!(
        "{name}{others} sends far more than a partner does: {state} ({day} MiB more each day). Nobody else waits for it and \
         nothing is lost. Telephone {name}: a large import or many scans pass; if it knows of none, its machine may be in \
         other hands, and a steward can take it out"
    );
    Ok(Some((sentence, format!("belay org remove {:?}", name))))
}

/// An organisation's name by the rosters that are here.
fn name_of(engine: &mut Engine, view: &dyn View, org: OrgId) -> Result<String> {
    let mut name = org.short();
    for coalition in engine.coalitions(view)? {
        if engine.space_records(view)?.iter().any(|record| record.space == coalition) {
            name = engine.roster(view, coalition)?.name_of(&org);
        }
    }
    Ok(name)
}

/// Behind the first of so many.
fn and_more(count: usize) -> String {
    if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() }
}

/// What people are told once a partner has been looked for in vain for [`limits::LOOKED_FOR_LONG`]: who it is, and what to type.
fn unheard(engine: &mut Engine, view: &dyn View, now: Time) -> Result<Option<(String, String)>> {
    let long: Vec<(OrgId, Time)> = engine
        .looked_for(view)?
        .into_iter()
        .filter(|(_, since)| now.since(*since) >= limits::LOOKED_FOR_LONG)
        .collect();
    let Some((first, since)) = long.first().copied() else { return Ok(None) };
    let name = name_of(engine, view, first)?;
    let others = and_more(long.len());
    let sentence = format!(
        "since {since} this machine has asked {name}{others} for what is kept there of this organisation's own records, and has not been given \
         all of it. Telephone: it may be off, or give what does not open. It can write what it keeps into a file (belay bundle export \
         --records, there); or do without it"
    );
    Ok(Some((sentence, format!("belay recover --without {name:?}"))))
}

/// Who says that it keeps what nobody left there, and can not show it: since when, and whom to telephone.
fn false_claims(engine: &mut Engine, view: &dyn View) -> Result<Option<(String, String)>> {
    let claims = engine.false_claims(view)?;
    let Some((org, since)) = claims.first_key_value() else { return Ok(None) };
    let name = name_of(engine, view, *org)?;
    Ok(Some((claimed(&name, claims.len(), *since), "belay org list, for whom to telephone".to_owned())))
}

fn claimed(name: &str, count: usize, since: Time) -> String {
    let others = and_more(count);
    format!(
        "{name}{others} said on {since} that it keeps more of this organisation's own records than this machine ever left there, and could not \
         show this machine's signature for it. Nothing is held up by that. That machine of {name} is broken, or in other hands: it is left \
         no records and is not asked about them any more. Telephone {name}; this line goes once that machine is retired"
    )
}

/// Partners keep records of a later state of this disk: who they are, and what to type.
fn later(engine: &mut Engine, view: &dyn View) -> Result<Option<(String, String)>> {
    let Some(since) = engine.later_state(view)? else { return Ok(None) };
    let (owing, sealed) = (engine.owing(view)?, engine.sealed_here(view)?);
    let mut names = Vec::new();
    for org in &owing {
        names.push(name_of(engine, view, *org)?);
    }
    Ok(Some(owed(&names, sealed, since)))
}

/// What these partners keep of it, and what lies here sealed.
fn owed(names: &[String], sealed: u64, since: Time) -> (String, String) {
    let place = match (names.is_empty(), sealed > 0) {
        (true, _) => "lies here sealed".to_owned(),
        (false, true) => format!("lies here sealed, and further with {}", names.join(", ")),
        (false, false) => format!("lies with {}, and comes when it is linked", names.join(", ")),
    };
    let owed = if names.is_empty() {
        String::new()
    } else {
        format!(
            ". {} showed this machine's own signature for it: if it does not come within a day of being linked, telephone; that a partner \
             gives nothing ends nothing",
            names.join(", ")
        )
    };
    let sentence = format!(
        "this machine's disk is in an older state than it was (a backup was put back, or its folder was copied); seen {since}. What it had \
         left with partners since {place}{owed}. A consent that was taken back since seems to stand here, so nothing is told under any until \
         it is opened with the recovery phrase; who is sure that nothing is missed does without (belay recover --without ORG)"
    );
    (sentence, if sealed > 0 { "belay recover --rest" } else { "belay peers" }.to_owned())
}

/// A machine of our own that nobody knew of at the recovery.
fn stray(engine: &mut Engine, view: &dyn View) -> Result<Option<(String, String)>> {
    let stray = engine.stray_nodes(view)?;
    let Some((node, certified)) = stray.first_key_value() else { return Ok(None) };
    let others = and_more(stray.len());
    let sentence = format!(
        "machine {}{others} of this organisation, certified {certified}, was not known when this organisation came back from its phrase, so it \
         was not shut out: it reads what this organisation may read. If it is not in your hands, shut it out now",
        node.short()
    );
    Ok(Some((sentence, format!("belay node retire {}", node.short()))))
}

/// Places whose time has passed, and that this machine was to end and could not.
fn unended(engine: &mut Engine, view: &dyn View, now: Time) -> Result<Option<String>> {
    let unended = engine.unended(view, now)?;
    let Some(first) = unended.first() else { return Ok(None) };
    let name = name_of(engine, view, first.org)?;
    let count = unended.len();
    Ok(Some(format!(
        "the time of a consent has passed, and {name} still has a place in what it opened ({count} in all; the first since {}). This machine \
         ends them by itself once two other organisations are linked whose clocks agree with its own; until then nothing is told there and \
         nothing new is written there. Look at the clock and the line; who can not wait telephones",
        first.at
    )))
}

/// Whether this organisation is in a coalition no more, and was in one.
///
/// # Errors
/// `Store`.
pub fn is_out(engine: &mut Engine, view: &dyn View) -> Result<bool> {
    let coalitions = engine.coalitions(view)?;
    for coalition in &coalitions {
        if !engine.is_out(view, *coalition)? {
            return Ok(false);
        }
    }
    Ok(!coalitions.is_empty())
}

/// The nodes of organisations that are in a coalition of ours, with whose they are.
///
/// # Errors
/// `Store`.
pub fn members(engine: &mut Engine, view: &dyn View) -> Result<BTreeMap<NodeId, OrgId>> {
    let mut nodes = BTreeMap::new();
    for coalition in engine.coalitions(view)? {
        let roster = engine.roster(view, coalition)?;
        for (org, member) in roster.orgs.iter().filter(|(_, member)| !member.removed) {
            let here = member.nodes.keys().filter(|node| !roster.retired.contains(node));
            nodes.extend(here.map(|node| (*node, *org)));
        }
    }
    Ok(nodes)
}

/// Who has left knows it.
fn removed(engine: &mut Engine, view: &dyn View) -> Result<Option<String>> {
    if !is_out(engine, view)? {
        return Ok(None);
    }
    for coalition in engine.coalitions(view)? {
        let Some(out) = engine.out_of(view, coalition)? else { continue };
        if out.by == Some(engine.org()) {
            continue;
        }
        let roster = engine.roster(view, coalition)?;
        let by = out.name.as_deref().unwrap_or("somebody");
        let under = out.under.map_or_else(String::new, |number| format!(", under charter number {number}"));
        return Ok(Some(format!(
            "{by} removed this organisation from {} on {}{under}: nothing is sent to its members or comes from them any more, and \
             what was received stays here. If that is a mistake, telephone {by}: a new invite (belay invite, there; belay \
             join, here) lets you in again",
            roster.name, out.at
        )));
    }
    Ok(None)
}

/// Whether an organisation shares no coalition with this one any more: it was taken out of each, or this one was.
///
/// # Errors
/// `Store`.
pub fn apart(engine: &mut Engine, view: &dyn View, org: OrgId) -> Result<bool> {
    if org == engine.org() {
        return Ok(false);
    }
    let mut apart = false;
    for coalition in engine.coalitions(view)? {
        if engine.space_records(view)?.iter().all(|record| record.space != coalition) {
            // Its entries are on their way from whoever let us in.
            return Ok(false);
        }
        let theirs = engine.roster(view, coalition)?.orgs.get(&org).map(|member| member.removed);
        match theirs {
            Some(false) if !engine.is_out(view, coalition)? => return Ok(false),
            Some(_) => apart = true,
            None => {}
        }
    }
    Ok(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINCE: Time = Time(1_790_000_000_000);

    #[test]
    fn who_claims_to_keep_what_nobody_left_there_is_named_and_holds_nothing_up() {
        let one = claimed("Harbor", 1, SINCE);
        assert!(one.starts_with(&format!("Harbor said on {SINCE}")) && one.contains("Telephone Harbor"), "{one}");
        assert!(one.contains("Nothing is held up") && one.contains("signature"), "{one}");
        assert!(claimed("Harbor", 3, SINCE).starts_with("Harbor (and 2 more) said"));
    }

    #[test]
    fn who_owes_records_of_a_later_state_is_named_with_what_to_type_for_what_lies_here() {
        let names = ["Harbor", "Mill Creek"].map(str::to_owned);
        let (sentence, next) = owed(&names, 0, SINCE);
        assert!(sentence.contains("lies with Harbor, Mill Creek, and comes when it is linked"), "{sentence}");
        assert!(sentence.contains("Harbor, Mill Creek showed this machine's own signature"), "{sentence}");
        assert_eq!(next, "belay peers");
        let (sentence, next) = owed(&names, 2, SINCE);
        assert!(sentence.contains("lies here sealed, and further with Harbor, Mill Creek"), "{sentence}");
        assert_eq!(next, "belay recover --rest");
        // Nobody owes anything: nobody is named, or telephoned.
        let (sentence, _) = owed(&[], 2, SINCE);
        assert!(sentence.contains("lies here sealed.") && !sentence.contains("telephone"), "{sentence}");
    }
}
