//! What befalls machines and lines, and the passing of time.

use super::consents::somebody;
use super::county::County;
use belay_protocol::engine::Input;
use belay_protocol::time::{DAY, HOUR, MINUTE, Time};

pub fn deliver(county: &mut County) {
    for _ in 0..=county.rng.below(24) {
        county.deliver();
    }
}

pub fn connect(county: &mut County) {
    let (a, b) = (county.rng.below(county.cast.len()), county.rng.below(county.cast.len()));
    let (a, b) = (county.cast[a], county.cast[b]);
    county.connect(a, b);
}

pub fn cut(county: &mut County) {
    let links: Vec<u64> = county.net.links.keys().copied().collect();
    if let Some(link) = county.rng.pick(&links).copied() {
        county.cut(link);
    }
}

pub fn crash(county: &mut County) {
    if let Some(org) = somebody(county) {
        county.tell(format!("{} loses power", County::name(org)));
        county.crash(org);
    }
}

/// Somebody comes in the morning and switches it on.
pub fn start(county: &mut County) {
    let down: Vec<usize> = county.cast.iter().copied().filter(|org| !county.up(*org)).collect();
    if let Some(org) = county.rng.pick(&down).copied() {
        county.tell(format!("{} starts", County::name(org)));
        county.start(org);
    }
}

/// A night off line: every link of one machine ends.
pub fn night(county: &mut County) {
    let Some(org) = somebody(county) else { return };
    let links = county.net.links.iter().filter(|(_, link)| link.ends.contains(&org));
    let links: Vec<u64> = links.map(|(link, _)| *link).collect();
    county.tell(format!("{} goes off line", County::name(org)));
    for link in links {
        county.cut(link);
    }
}

pub fn time(county: &mut County) {
    let passed = match county.rng.below(4) {
        0 => DAY * (1 + county.rng.below(12) as u64),
        1 => MINUTE * 5,
        _ => HOUR * (1 + county.rng.below(12) as u64),
    };
    until(county, county.now.plus(passed));
}

/// Nothing happens until then, and every node does what falls due.
pub fn until(county: &mut County, then: Time) {
    county.now = then.max(county.now);
    county.tell(format!("it is {}", county.now));
    for org in county.cast.clone() {
        if county.up(org) {
            county.input(org, Input::Tick);
        }
    }
}
