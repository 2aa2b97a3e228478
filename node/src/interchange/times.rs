//! Times of day, weekdays and dates as people type them.

/// `HH:MM` of a time of day: `9:30`, `5:00 PM`, `9am`, `17:00:00`, `0900`, `noon`. `None` if it is none.
pub(super) fn time(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase().replace('.', "");
    let (hour, minute) = match lower.as_str() {
        "noon" | "12 noon" => (12, 0),
        "midnight" => (24, 0),
        _ => clock(&lower)?,
    };
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then(|| format!("{hour:02}:{minute:02}"))
}

fn clock(lower: &str) -> Option<(u32, u32)> {
    let half = ["am", "pm", "a", "p"].into_iter().find(|half| lower.ends_with(half));
    let digits = half.map_or(lower, |half| &lower[..lower.len() - half.len()]).trim();
    // An offset from UTC, as HSDS 3 allows, says nothing about the time of day.
    let digits = digits.trim_end_matches('z');
    let digits = digits.find(['+']).map_or(digits, |at| &digits[..at]);
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, rest)) => (hour, rest.get(..2)?),
        None if digits.len() == 4 && half.is_none() => digits.split_at(2),
        None => (digits, "0"),
    };
    let (hour, minute): (u32, u32) = (hour.trim().parse().ok()?, minute.parse().ok()?);
    match half.map(|half| half.starts_with('p')) {
        None if digits.len() < 3 => None,
        None => Some((hour, minute)),
        Some(_) if hour == 0 || hour > 12 => None,
        Some(true) => Some((hour % 12 + 12, minute)),
        Some(false) => Some((hour % 12, minute)),
    }
}

/// RFC 5545 day (`MO`) of a weekday as a word, an abbreviation or a number (1 is Monday, 7 or 0 Sunday).
pub(super) fn weekday(text: &str) -> Option<&'static str> {
    let lower = text.trim().to_lowercase();
    let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    if let Ok(number) = lower.parse::<usize>() {
        return days.get((number + 6) % 7).copied().filter(|_| number <= 7);
    }
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let found = names.iter().position(|name| lower.len() >= 2 && name.starts_with(&lower));
    days.get(found?).copied()
}

/// The place of an RFC 5545 day in the week, Monday first.
pub(super) fn order(day: &str) -> usize {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].iter().position(|d| *d == day).unwrap_or(7)
}

/// `YYYY-MM-DD` of `2015-12-24`, `12/24/2015`, `12/24/15`, `December 24, 2015`. Year 1 means every year: `--12-24`.
pub(super) fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let (year, month, day) = iso(text).or_else(|| slashes(text)).or_else(|| words(text))?;
    let checked = jiff::civil::Date::new(if year == 1 { 2000 } else { year }, month, day).ok()?;
    Some(if year == 1 { format!("--{month:02}-{day:02}") } else { checked.to_string() })
}

fn iso(text: &str) -> Option<(i16, i8, i8)> {
    let date: jiff::civil::Date = text.get(..10)?.parse().ok()?;
    Some((date.year(), date.month(), date.day()))
}

fn slashes(text: &str) -> Option<(i16, i8, i8)> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let [month, day, year] = parts.as_slice() else { return None };
    let number: i16 = year.parse().ok()?;
    Some((if year.len() <= 2 { number + 2000 } else { number }, month.parse().ok()?, day.parse().ok()?))
}

fn words(text: &str) -> Option<(i16, i8, i8)> {
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let cleaned = text.replace(',', " ").to_lowercase();
    let parts: Vec<&str> = cleaned.split_whitespace().collect();
    let [month, day, year] = parts.as_slice() else { return None };
    let month = months.iter().position(|m| month.starts_with(m))?;
    Some((year.parse().ok()?, i8::try_from(month + 1).ok()?, day.parse().ok()?))
}
