//! Where each sender's referrals go: nobody is steered to whom pays or employs the sender unseen (42 U.S.C. 1320a-7b(b), 1395nn).
//! For the administrator or the privacy officer; what is given to others has its small cells suppressed.

use super::staff::{self, StaffSession};
use super::{choices, outside, parties, people, threads};
use crate::api::care::{AcrossView, CellView, ReportAsk, ReportView};
use crate::api::{Failure, Outcome};
use crate::system::{begins, typed};
use belay_protocol::disclosure::Looked;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::metrics::suppress;
use belay_protocol::referral::choice::Why;
use belay_protocol::referral::{Act, Body};
use belay_protocol::time::Time;
use jiff::civil::Date;
use jiff::{ToSpan, tz::TimeZone};
use std::collections::BTreeMap;

/// Counts referrals sent in a period.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    staff: BTreeMap<String, u64>,
    partners: BTreeMap<String, u64>,
    services: BTreeMap<String, u64>,
    /// By sender and partner, and whether that is own or affiliated.
    across: BTreeMap<(String, String, bool), u64>,
    /// Own and affiliated; all others.
    own: [u64; 2],
    /// Chosen, only one, not recorded.
    choice: [u64; 3],
}

/// The report.
///
/// # Errors
/// Somebody whom it is not for; days that are none; a share that is no quarter that is over.
pub fn report(step: &mut Step<'_>, session: &StaffSession, ask: &ReportAsk) -> Outcome<ReportView> {
    if !staff::rights(step.draft(), session)?.reads_reports {
        return Err(Failure::not_permitted("this report is for the administrator or the privacy officer")
            .next("ask who is one; or belay user add NAME --role privacy_officer"));
    }
    let (from, to) = (day(ask.from.as_deref())?, day(ask.to.as_deref())?);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Failure::misuse(format!("{to} lies before {from}: no referral was sent between them"))
            .next("belay referral report with --from DAY, and --to a later one"));
    }
    let zone = TimeZone::system();
    let now = step.context().now;
    if ask.share && !whole_quarter(from, to, &zone, now) {
        return Err(Failure::misuse(
            "what is shared covers one calendar quarter that is over, since two overlapping reports give away small numbers",
        )
        .next("the command again with --from 2026-07-01 --to 2026-09-30"));
    }
    people::look(step, session, Looked::Report, None, None)?;
    let within = |at: Time| {
        from.is_none_or(|day| begins(day, &zone).is_some_and(|start| at >= start))
            && to.is_none_or(|day| day.tomorrow().ok().and_then(|next| begins(next, &zone)).is_none_or(|end| at < end))
    };
    let counts = count(step, within)?;
    let organisation = parties::own(step)?.name;
    Ok(view(organisation, ask, counts))
}

/// The whole report, whoever asks.
#[cfg(test)]
pub fn everything(step: &mut Step<'_>) -> ReportView {
    let counts = count(step, |_| true).expect("counts");
    view("Us".to_owned(), &ReportAsk::default(), counts)
}

fn count(step: &mut Step<'_>, within: impl Fn(Time) -> bool) -> Outcome<Counts> {
    let own = step.org();
    let mut counts = Counts::default();
    for thread in threads::all(step.draft())? {
        if thread.direction != Direction::Outgoing {
            continue;
        }
        let placed = threads::placed(step, own, &thread)?;
        let sent = placed.iter().filter(|p| p.org == own).find_map(|p| match &p.body {
            Some(Body::Act(signed)) => match &signed.act {
                Act::Send(request) => Some((p.time, signed.by.name.reveal().clone(), request.service.clone())),
                _ => None,
            },
            _ => None,
        });
        let Some((at, staff, service)) = sent else { continue };
        if !within(at) {
            continue;
        }
        *counts.staff.entry(staff.clone()).or_default() += 1;
        *counts.partners.entry(thread.other.name.clone()).or_default() += 1;
        let choice = choices::of(step.draft(), thread.thread)?;
        // What the request names, else what the person chose, which the recipient was not told.
        let chosen = choice.as_ref().and_then(|choice| choice.service.clone());
        let service = service.map(|service| (service.listing, service.name)).or(chosen);
        let service = service.map_or_else(
            || "no service named".to_owned(),
            |(listing, name)| if name.is_empty() { listing } else { name },
        );
        *counts.services.entry(format!("{service} ({})", thread.other.name)).or_default() += 1;
        let [ours, others] = &mut counts.own;
        let bound = own == thread.other.org || outside::affiliated(step.draft(), thread.other.org)?;
        *(if bound { ours } else { others }) += 1;
        *counts.across.entry((staff, thread.other.name.clone(), bound)).or_default() += 1;
        let [chosen, only, none] = &mut counts.choice;
        match choice.map(|choice| choice.why) {
            Some(Why::Chose) => *chosen += 1,
            Some(Why::OnlyOne(_)) => *only += 1,
            None => *none += 1,
        }
    }
    Ok(counts)
}

fn view(organisation: String, ask: &ReportAsk, counts: Counts) -> ReportView {
    let total: u64 = counts.own.iter().sum();
    let lists = [&counts.staff, &counts.partners, &counts.services].map(|m| m.values().copied().collect::<Vec<u64>>());
    let [staff, partners, services] = &lists;
    let mut parts = [staff.clone(), partners.clone(), services.clone(), counts.own.to_vec(), counts.choice.to_vec()]
        .map(|cells| cells.into_iter().map(Some).collect::<Vec<_>>());
    let mut shown = Some(total);
    if ask.share {
        let plain = parts.clone().map(|cells| suppress(&cells.into_iter().flatten().collect::<Vec<_>>()));
        // Where one way to part the total may not show it, no other way may give it away.
        if plain.iter().any(|cells| cells.total.is_none()) {
            shown = None;
            parts.iter_mut().flatten().for_each(|cell| *cell = None);
        } else {
            parts = plain.map(|cells| cells.parts);
            // Services are parts of partners, and what stays in the house is a sum of them: where one hides a cell, the others would
            // tell it by a difference.
            let [_, nested @ .., _] = &mut parts;
            if nested.iter().flatten().any(Option::is_none) {
                nested.iter_mut().skip(1).flatten().for_each(|cell| *cell = None);
            }
        }
    }
    let [staff, partners, services, own, choice] = parts;
    let cells = |names: BTreeMap<String, u64>, cells: Vec<Option<u64>>| {
        let mut rows: Vec<CellView> =
            names.into_keys().zip(cells).map(|(name, count)| CellView { name, count }).collect();
        // What is suppressed goes by name, so that its place in the list tells nothing.
        rows.sort_by(|a, b| b.count.cmp(&a.count).then(a.name.cmp(&b.name)));
        rows
    };
    let mut across: Vec<AcrossView> = counts
        .across
        .into_iter()
        .filter(|_| !ask.share)
        .map(|((staff, partner, own), count)| AcrossView { staff, partner, own, count })
        .collect();
    across.sort_by(|a, b| a.staff.cmp(&b.staff).then(b.count.cmp(&a.count)));
    let at = |cells: &[Option<u64>], index: usize| cells.get(index).copied().flatten();
    ReportView {
        organisation,
        from: ask.from.clone(),
        to: ask.to.clone(),
        total: shown,
        by_staff: cells(counts.staff, staff),
        by_partner: cells(counts.partners, partners),
        by_service: cells(counts.services, services),
        across,
        own: at(&own, 0),
        others: at(&own, 1),
        chosen: at(&choice, 0),
        only_one: at(&choice, 1),
        not_recorded: at(&choice, 2),
        suppressed: ask.share,
    }
}

fn day(given: Option<&str>) -> Outcome<Option<Date>> {
    given.map(|text| typed(text).parse().map_err(|_| Failure::misuse("a day is YYYY-MM-DD or M/D/YYYY"))).transpose()
}

/// January to March and so on, and over. Fixed periods can not overlap, so that no two reports differ by a few referrals.
fn whole_quarter(from: Option<Date>, to: Option<Date>, zone: &TimeZone, now: Time) -> bool {
    let (Some(from), Some(to)) = (from, to) else { return false };
    let Ok(next) = from.checked_add(3.months()) else { return false };
    let starts = from.day() == 1 && (from.month() - 1) % 3 == 0;
    starts && to.tomorrow().is_ok_and(|after| after == next) && begins(next, zone).is_some_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(cells: &[(&str, u64)]) -> Counts {
        let map: BTreeMap<String, u64> = cells.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        let total = map.values().sum();
        let across = map.iter().map(|(name, n)| (("Dora".to_owned(), name.clone(), name == "a"), *n)).collect();
        let (staff, partners) = (map.clone(), map.clone());
        Counts { staff, partners, services: map, across, own: [0, total], choice: [total, 0, 0] }
    }

    #[test]
    fn the_node_s_own_figures_are_whole_and_shared_ones_suppressed() {
        let ask = |share| ReportAsk { share, ..ReportAsk::default() };
        let whole = view("Us".to_owned(), &ask(false), counts(&[("a", 3), ("b", 20), ("c", 40)]));
        assert_eq!(whole.by_staff.iter().map(|c| c.count).collect::<Vec<_>>(), [Some(40), Some(20), Some(3)]);
        let across: Vec<_> = whole.across.iter().map(|row| (row.partner.as_str(), row.own, row.count)).collect();
        assert_eq!(across, [("c", false, 40), ("b", false, 20), ("a", true, 3)], "where each sender's referrals go");
        let shared = view("Us".to_owned(), &ask(true), counts(&[("a", 3), ("b", 20), ("c", 40)]));
        assert!(shared.across.is_empty(), "the smallest cells leave the house in no report");
        assert_eq!(shared.by_staff.iter().map(|c| c.count).collect::<Vec<_>>(), [Some(40), None, None]);
        // What stays in the house is a sum of partners, some of which are hidden: it would tell them.
        assert_eq!((shared.total, shared.others, shared.own), (Some(63), None, None));
        let few = view("Us".to_owned(), &ask(true), counts(&[("a", 3), ("b", 4)]));
        assert!(few.total.is_none() && few.others.is_none() && few.by_partner.iter().all(|c| c.count.is_none()));
    }

    #[test]
    fn only_a_quarter_that_is_over_is_shared() {
        let (zone, day) = (TimeZone::UTC, |text: &str| Some(text.parse::<Date>().unwrap()));
        let now = begins(day("2026-11-22").unwrap(), &zone).unwrap();
        let fits = |from: &str, to: &str| whole_quarter(day(from), day(to), &zone, now);
        assert!(fits("2026-07-01", "2026-09-30") && fits("2025-10-01", "2025-12-31"));
        assert!(!fits("2026-10-01", "2026-12-31"), "not over yet");
        assert!(!fits("2026-06-01", "2026-08-31") && !fits("2026-07-01", "2026-09-29"));
        assert!(!whole_quarter(None, day("2026-09-30"), &zone, now));
    }
}
