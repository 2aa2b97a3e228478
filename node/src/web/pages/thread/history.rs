//! What happened in a thread, as sentences.

use crate::api::care::{AttachmentView, DeliveryState, LineView, ThreadRow};
use crate::web::acts::codes;
use crate::web::words;
use belay_protocol::sensitive::Personal;
use serde::Serialize;

/// That a file was attached.
const ATTACHED: &str = "attachment";

/// One thing that happened.
pub struct HistoryLine {
    pub at: String,
    pub org: String,
    pub staff: Personal<String>,
    pub what: String,
    /// What was said with it.
    pub text: Option<Personal<String>>,
    pub ineffective: Option<String>,
    /// Why it was a mistake, and who says so when.
    pub mistake: Option<(Personal<String>, String)>,
    /// What is posted to strike it, where our staff can.
    pub strikes: Option<String>,
    /// It is struck here, and who was told it does not know.
    pub untold: bool,
    pub crossed: bool,
    pub local: bool,
    /// A file that was chosen for a partner off the network, and has not gone there.
    pub not_gone: bool,
    pub delivery: Option<&'static str>,
}

impl HistoryLine {
    pub fn new(line: LineView, row: &ThreadRow, ours: &str, files: &[AttachmentView]) -> Self {
        let of_file = line.act == ATTACHED;
        let name = |file: &&AttachmentView| line.text.reveal().starts_with(file.name.reveal().as_str());
        let file = files.iter().filter(|file| of_file && file.at == line.at).find(name);
        Self {
            at: words::when(line.at),
            org: match (line.org == row.other, line.org_name.is_empty()) {
                (true, _) => row.other_name.clone(),
                (false, true) => ours.to_owned(),
                (false, false) => line.org_name.clone(),
            },
            what: what(&line, row),
            not_gone: file.is_some_and(AttachmentView::waits),
            strikes: (line.may_be_mistaken || line.strike_untold).then(|| line.entry.to_string()),
            untold: line.strike_untold,
            staff: line.staff,
            // Which file it was stands before the words with it.
            text: Some(if of_file { line.text } else { line.note }).filter(|text| !text.reveal().is_empty()),
            ineffective: line.without_effect,
            mistake: line.mistake.map(|said| {
                let who = format!("{}, {}", said.staff.reveal(), words::when(said.at));
                (said.why, who)
            }),
            crossed: line.crossed,
            local: line.local,
            delivery: line.delivery.map(|state| match state {
                DeliveryState::Unconfirmed => "not known to have arrived",
                DeliveryState::Waiting => "on its way",
                DeliveryState::LeftWithCarrier => "left with a carrier",
                DeliveryState::Delivered => "delivered",
                DeliveryState::Read => "read",
            }),
        }
    }
}

fn what(line: &LineView, row: &ThreadRow) -> String {
    // Of others in a team too: what is ours names nobody.
    let theirs = line.org == row.other || !line.org_name.is_empty();
    let said = |at| line.zone.as_ref().map_or_else(|| words::when(at), |zone| words::meeting(at, zone));
    let time = line.when.map(said).unwrap_or_default();
    let fixed = match line.act.as_str() {
        "decline" => {
            return line.declined.map_or("declined".to_owned(), |reason| {
                format!("declined: {}", codes::shown(codes::said(codes::DECLINE, theirs), &code(reason)))
            });
        }
        "close" => {
            return line.outcome.map_or("closed the referral".to_owned(), |ending| {
                format!("closed the referral: {}", codes::shown(codes::said(codes::OUTCOMES, theirs), &code(ending)))
            });
        }
        "settle" => "wrote down what comes next for the person",
        "send" => "sent the referral",
        "identity" => "said who the person is",
        "acknowledge" => "has seen it",
        "accept" => "accepted",
        "schedule" if line.own => "made an appointment of its own for",
        "reschedule" if line.own => "moved its own appointment to",
        "cancel appointment" if line.own => "cancelled its own appointment",
        "attend" if line.own => "recorded that the person came to its own appointment,",
        "no-show" if line.own => "recorded that the person did not come to its own appointment,",
        "schedule" => "made an appointment for",
        "reschedule" => "moved the appointment to",
        "cancel appointment" => "cancelled the appointment",
        "attend" => "recorded that the person came,",
        "no-show" => "recorded that the person did not come,",
        ATTACHED if row.off_network && !theirs => "chose a file for them",
        ATTACHED => "attached a file",
        "message" => "wrote",
        "withdraw" => "asked to withdraw the referral",
        "confirm withdrawal" => "confirmed the withdrawal",
        "hold" => "put it on hold",
        "resume" => "took it up again",
        "entered in error" => "said that it was sent in error",
        "handoff" => "handed over in the presence of the person,",
        "need" => "wrote down a need",
        "need changed" => "changed a need",
        "transition" => "said when the person leaves:",
        "seen" => "met or heard of the person,",
        "check-in" => "asked how it goes,",
        "lost contact" => "could not reach the person any more",
        "contact attempt" => "tried to reach the person,",
        "crisis plan" => "wrote the crisis plan",
        "medication" => "wrote down the medication",
        "summary" => "wrote a summary of care",
        "urgency" => "said how urgent it is",
        "mistake" => "struck an entry that was a mistake",
        other => other,
    };
    if fixed.ends_with([',', ':']) || fixed.ends_with(" for") || fixed.ends_with(" to") {
        let fixed = fixed.trim_end_matches(',');
        return if time.is_empty() {
            fixed.trim_end_matches([':']).trim_end_matches(" for").trim_end_matches(" to").to_owned()
        } else if fixed.ends_with([':']) || fixed.ends_with(" for") || fixed.ends_with(" to") {
            format!("{fixed} {time}")
        } else {
            format!("{fixed}, {time}")
        };
    }
    fixed.to_owned()
}

/// The code of a value, as it stands in requests.
pub fn code(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{THEM, US, line};
    use super::*;
    use crate::web::standing::{self, Side};
    use belay_protocol::ids::OrgId;
    use belay_protocol::referral::attachment::Media;
    use belay_protocol::referral::{DeclineReason, Place};
    use belay_protocol::time::Time;

    fn row(off_network: bool) -> ThreadRow {
        ThreadRow {
            other: THEM,
            other_name: "Haven House".to_owned(),
            off_network,
            ..standing::tests::row(Side::Outgoing, Place::Sent)
        }
    }

    fn file(at: Time, went: Option<Vec<crate::api::care::SentView>>) -> AttachmentView {
        AttachmentView {
            id: "ab".repeat(32),
            name: "intake.pdf".into(),
            media: Media::Pdf,
            bytes: 1_200,
            parts: 1,
            missing: 0,
            person: None,
            consent: None,
            thread: None,
            information: None,
            staff: "Nora Hill".into(),
            at,
            went,
        }
    }

    #[test]
    fn the_history_says_which_file_was_attached_and_that_one_has_not_gone() {
        let attached = || LineView {
            text: "intake.pdf (PDF, 1 kB): the intake".into(),
            ..line(2, US, "Nora Hill", ATTACHED, "the intake")
        };
        for (off, went, says, waits) in [
            (false, None, "attached a file", false),
            (true, Some(Vec::new()), "chose a file for them", true),
            (true, Some(vec![crate::api::care::SentView::default()]), "chose a file for them", false),
        ] {
            let line = attached();
            let files = [file(line.at, went)];
            let shown = HistoryLine::new(line, &row(off), "County ER", &files);
            assert_eq!((shown.org.as_str(), shown.what.as_str(), shown.not_gone), ("County ER", says, waits));
            assert_eq!(shown.text.expect("which one").reveal(), "intake.pdf (PDF, 1 kB): the intake");
        }
    }

    #[test]
    fn what_others_answered_is_never_said_of_us_in_a_team_either() {
        let declined =
            LineView { declined: Some(DeclineReason::NoCapacity), ..line(2, THEM, "Nora Hill", "decline", "") };
        let shown = HistoryLine::new(declined, &row(true), "County ER", &[]);
        assert_eq!(shown.what, "declined: They have no place free");
        // To who is in a team and neither sent nor was asked, the sender is the other, and who was asked a third.
        let house = LineView {
            declined: Some(DeclineReason::NoCapacity),
            org_name: "Ridge Clinic".to_owned(),
            ..line(2, OrgId([3; 32]), "Nora Hill", "decline", "")
        };
        let shown = HistoryLine::new(house, &row(false), "Hope House", &[]);
        assert_eq!((shown.org.as_str(), shown.what.as_str()), ("Ridge Clinic", "declined: They have no place free"));
        let ours = LineView { declined: Some(DeclineReason::NoCapacity), ..line(2, US, "Nora Hill", "decline", "") };
        let shown = HistoryLine::new(ours, &row(false), "Hope House", &[]);
        assert_eq!((shown.org.as_str(), shown.what.as_str()), ("Hope House", "declined: We have no place free"));
    }
}
