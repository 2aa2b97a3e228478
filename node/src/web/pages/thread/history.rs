//! What happened in a thread, as sentences.

use crate::api::care::{DeliveryState, LineView, ThreadRow};
use crate::web::acts::codes;
use crate::web::words;
use belay_protocol::sensitive::Personal;
use serde::Serialize;

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
    pub delivery: Option<&'static str>,
}

impl HistoryLine {
    pub fn new(line: LineView, row: &ThreadRow, ours: &str) -> Self {
        Self {
            at: words::when(line.at),
            org: match (line.org == row.other, line.org_name.is_empty()) {
                (true, _) => row.other_name.clone(),
                (false, true) => ours.to_owned(),
                (false, false) => line.org_name.clone(),
            },
            what: what(&line),
            strikes: (line.may_be_mistaken || line.strike_untold).then(|| line.entry.to_string()),
            untold: line.strike_untold,
            staff: line.staff,
            text: Some(line.note).filter(|text| !text.reveal().is_empty()),
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

fn what(line: &LineView) -> String {
    let said = |at| line.zone.as_ref().map_or_else(|| words::when(at), |zone| words::meeting(at, zone));
    let time = line.when.map(said).unwrap_or_default();
    let fixed = match line.act.as_str() {
        "decline" => {
            return line.declined.map_or("declined".to_owned(), |reason| {
                format!("declined: {}", codes::shown(codes::DECLINE, &code(reason)))
            });
        }
        "close" => {
            return line.outcome.map_or("closed the referral".to_owned(), |ending| {
                format!("closed the referral: {}", codes::shown(codes::OUTCOMES, &code(ending)))
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
