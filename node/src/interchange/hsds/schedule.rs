//! Opening hours. The weekday rows of 1.1 that share their times become one weekly row (RFC 5545 `BYDAY`), as 3.x has them.

use super::build::{Builder, child_row};
use crate::interchange::source::{Record, Table};
use crate::interchange::times;
use belay_protocol::directory::ListingId;
use belay_protocol::limits;
use std::collections::{BTreeMap, BTreeSet};

/// Times of day and the days that have them, for each listing.
type Weeks = BTreeMap<(ListingId, String, String), BTreeSet<&'static str>>;

impl Builder {
    pub fn schedules(&mut self, table: &Table) -> usize {
        let mut weeks = Weeks::new();
        let mut kept = 0;
        for record in &table.records {
            kept += usize::from(if record.get("weekday").is_empty() {
                self.rule(table, record)
            } else {
                self.day(table, record, &mut weeks)
            });
        }
        for ((parent, opens, closes), days) in weeks {
            let row = child_row("schedule", "", &[&opens, &closes]);
            let mut days: Vec<&str> = days.into_iter().collect();
            days.sort_by_key(|day| times::order(day));
            self.set_field(&parent, format!("schedule.{row}.freq"), "WEEKLY");
            self.set_field(&parent, format!("schedule.{row}.byday"), &days.join(","));
            self.set_field(&parent, format!("schedule.{row}.opens_at"), &opens);
            self.set_field(&parent, format!("schedule.{row}.closes_at"), &closes);
        }
        kept
    }

    /// A row of 1.1: one weekday. Without times it is closed that day, which is said by no row being there.
    fn day(&mut self, table: &Table, record: &Record, weeks: &mut Weeks) -> bool {
        let cell = record.get("weekday");
        let Some(day) = times::weekday(cell) else {
            self.log.dropped(&table.file, record.row, "weekday", format!("\"{cell}\" is no day of the week"));
            return false;
        };
        let parents = self.parents_of(table, record);
        let opens = self.time(table, record, "opens_at").unwrap_or_default();
        let closes = self.time(table, record, "closes_at").unwrap_or_default();
        if opens.is_empty() && closes.is_empty() {
            return true;
        }
        if opens.is_empty() || closes.is_empty() {
            self.log.kept(&table.file, record.row, "opens_at", "only one of opening and closing time is given");
        } else if closes <= opens {
            let reason =
                format!("closes at {closes}, before it opens at {opens}: past midnight, or a slip; kept as it is");
            self.log.kept(&table.file, record.row, "closes_at", reason);
        }
        for parent in parents {
            weeks.entry((parent, opens.clone(), closes.clone())).or_default().insert(day);
        }
        true
    }

    /// A row of 2.0 and later: a recurrence rule.
    fn rule(&mut self, table: &Table, record: &Record) -> bool {
        if record.cells.keys().all(|column| column.ends_with("id")) {
            self.log.dropped(&table.file, record.row, "", "says nothing");
            return false;
        }
        let mut cells = self.columns(table, record);
        for column in ["opens_at", "closes_at"] {
            if let Some(time) = self.time(table, record, column) {
                cells.insert(column.into(), time);
            }
        }
        for parent in self.parents_of(table, record) {
            let content: String = cells.iter().map(|(column, cell)| format!("{column}={cell}\n")).collect();
            let row = child_row("schedule", record.get("id"), &[&self.set, &content]);
            let taken = self.listings.get(&parent).map_or(0, |listing| listing.fields.len());
            if taken + cells.len() > limits::LISTING_FIELDS {
                self.log.kept(&table.file, record.row, "", "left out: the listing has too many fields");
                continue;
            }
            for (column, cell) in &cells {
                self.set_field(&parent, format!("schedule.{row}.{column}"), cell);
            }
        }
        true
    }
}
