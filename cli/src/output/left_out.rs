//! What a person asked to leave out (42 CFR 2.26), and what agreeing to it does.

use super::{Page, Show, day};
use belay_node::api::care::{Aloud, LetInView, RestrictPreview, RestrictionView, StaysView, TouchView};

/// What was asked, a line each. `name`: by what it is let in again.
pub(super) fn asked(page: &mut Page, all: &[RestrictionView], name: impl Fn(&RestrictionView) -> String) {
    for one in all {
        let to = one.to.as_deref().unwrap_or("anybody");
        let kinds = one.information.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let what = if kinds.is_empty() { "anything" } else { &kinds };
        let answer = one.refused.as_ref().map_or("left out", |_| "not agreed to");
        let (name, on, asked) = (name(one), day(one.at), one.asked.reveal());
        page.gap().line(format!("Asked to leave out, {name}: {what} to {to}, {answer} since {on}: {asked}"));
    }
}

/// What of it was let in again, how, and by whom that is on record.
pub(super) fn let_in(page: &mut Page, all: &[LetInView]) {
    for one in all {
        let to = one.asked.to.as_deref().unwrap_or("anybody");
        let kinds = one.asked.information.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let what = if kinds.is_empty() { "anything" } else { &kinds };
        let how = if one.spoken { "spoken" } else { "written" };
        let (since, on, staff) = (day(one.asked.at), day(one.at), one.staff.reveal());
        page.gap().line(format!("Let in again: {what} to {to}, asked for on {since}; on {on}, {how}, {staff}"));
    }
}

/// What stays here whoever asks for it; in the person's language too, where that is another.
pub(super) fn stays(page: &mut Page, all: &[StaysView]) {
    for one in all {
        let (kind, at) = (one.information, day(one.at));
        page.line(format!("    {kind} stays here: the person asked for it on {at} (42 CFR 2.26)"));
        if let Some(team) = one.of_team() {
            page.line(format!("        {team}: belay consent onward THREAD --to ORG"));
        }
        if let Some(aloud) = &one.aloud {
            page.line(format!("        To read to the person: {aloud}"));
        }
    }
}

/// What signing a form does to what is open, by what it leaves out or lets in again.
pub(super) fn signing(page: &mut Page, all: &[TouchView], aloud: Option<&Aloud>) {
    if !all.is_empty() {
        page.gap().line("Once it is signed, of what is open this changes at once (42 CFR 2.26):");
        touches(page, all);
    }
    to_read(page, aloud);
}

fn touches(page: &mut Page, all: &[TouchView]) {
    for touch in all {
        let thread = touch.thread.map_or_else(String::new, |thread| format!(" (referral {})", thread.short()));
        page.line(format!("  {}{thread}", touch.says));
    }
}

fn to_read(page: &mut Page, aloud: Option<&Aloud>) {
    if let Some(aloud) = aloud {
        page.gap().line("To read to the person:");
        for line in &aloud.lines {
            page.line(format!("  {line}"));
        }
    }
}

impl Show for RestrictPreview {
    fn show(&self, page: &mut Page) {
        if !self.touches.is_empty() {
            page.line("What is open, and changes at once:");
        }
        touches(page, &self.touches);
        page.line(&self.does);
        if !self.cannot.is_empty() {
            page.line(&self.cannot);
        }
        to_read(page, self.aloud.as_ref());
    }
}
