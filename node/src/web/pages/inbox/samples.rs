//! Questions and calls to look at.

use super::sample_due;
use crate::api::care::{CallView, InquiryView};
use belay_protocol::referral::inquiry::Reply;
use belay_protocol::time::Time;

/// A question that names nobody.
pub(super) fn question(direction: &str, other: &str, reply: Option<Reply>) -> InquiryView {
    use belay_protocol::ids::{OrgId, SpaceId};
    use belay_protocol::referral::Urgency;
    use belay_protocol::referral::inquiry::{AgeBand, Inquiry, Language, Medication, Need, Payer, Wanted, Within};
    InquiryView {
        id: SpaceId([6; 32]),
        direction: direction.to_owned(),
        other: OrgId([2; 32]),
        other_name: other.to_owned(),
        off_network: direction == "outgoing",
        telephone: other.to_owned(),
        asked: Inquiry {
            wanted: Wanted::Residential,
            age: AgeBand::From25,
            payer: Payer::Medicaid,
            medication: Medication::Buprenorphine,
            needs: [Need::Child].into(),
            urgency: Urgency::Urgent,
            language: Language::Spanish,
            within: Within::Days3,
        },
        at: Time(1_795_000_000_000),
        reply,
        replied: None,
        heard_from: None,
        script: None,
        led_to: Vec::new(),
        aside: None,
        due: Some(crate::api::care::DueView {
            timer: belay_protocol::referral::due::Timer::Inquiry,
            ours: direction == "incoming",
            since: Time(1_795_000_000_000),
            by: Time(1_795_000_000_000),
            overdue: true,
            what: "answer the inquiry".to_owned(),
            next: String::new(),
            phone: None,
            steps: Vec::new(),
            say: None,
        }),
    }
}

/// One that came in.
pub(crate) fn sample_question() -> InquiryView {
    question("incoming", "Ridge Food Bank", None)
}

/// Ours, with an answer of each kind.
pub(in crate::web) fn sample_answers() -> Vec<InquiryView> {
    use belay_protocol::ids::SpaceId;
    use belay_protocol::referral::inquiry::{NoReason, Within};
    let all = [Reply::Yes, Reply::No(NoReason::Medication), Reply::WaitList(Within::Week), Reply::Phone];
    let one = |(n, reply): (u8, Reply)| {
        let id = SpaceId([n; 32]);
        InquiryView { id, ..question("outgoing", "Ridge Food Bank", Some(reply)) }
    };
    (1..).zip(all).map(one).collect()
}

/// Somebody to be told.
pub(in crate::web) fn sample_call(to: &str) -> CallView {
    use belay_protocol::ids::{CallId, OrgId, ThreadId};
    CallView {
        id: CallId([7; 32]),
        to: OrgId([2; 32]),
        to_name: to.to_owned(),
        off_network: true,
        name: to.into(),
        thread: Some(ThreadId([7; 32])),
        says: to.into(),
        note: None,
        before: Vec::new(),
        whose: None,
        due: sample_due(to, false, Time(1_795_000_000_000)).remove(0),
    }
}
