//! What staff say on the telephone, word by word, and what they have to know for it themselves.

use crate::system;
use belay_protocol::consent::{Expiry, Less, Told};
use belay_protocol::disclosure::private::HeardFor;
use belay_protocol::ids::{ConsentId, SpaceId, ThreadId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// What is known to have reached a party of a consent of ours.
#[derive(Clone, Copy)]
pub(super) enum Reached {
    /// A referral.
    Referral(ThreadId),
    /// A referral was written for them, and nothing shows that it arrived.
    NotKnown(ConsentId),
    /// A copy for an emergency alone.
    CopyAlone(ConsentId),
}

/// Whether a call says who the person is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Said,
    /// It was told to them, and the consent as it stands now does not let it be told.
    Shut,
    /// That it was told to them is not known here.
    Untold,
}

/// What to say to who keeps a consent.
pub(in crate::usecases) fn heard_says(heard: &HeardFor, own: &str) -> Personal<String> {
    let how = if heard.told == Told::Spoken { "said so" } else { "wrote so" };
    let (on, to, keeper, form) =
        (system::day(heard.at), heard.by.name.reveal(), &heard.keeper.name, heard.form.reveal());
    let who = if planted::is(Bug::CallNamesAnybody) { heard.name.reveal().as_str() } else { "a person" };
    Personal::new(if form.is_empty() {
        format!(
            "This is {own}. On {on} {who} took back here a consent that {keeper} keeps, and {how} to {to}. We may not say by telephone who it is. How can the person reach you today, to say it to you as well?"
        )
    } else {
        format!(
            "This is {own}. On {on} {who} took back here the consent with number {form} that {keeper} keeps, and {how} to {to}. Please record it at once: belay consent revoke {form}."
        )
    })
}

/// What our own staff have to know for that call.
pub(in crate::usecases) fn heard_note(heard: &HeardFor) -> &'static str {
    if heard.form.reveal().is_empty() {
        "Do not say the name: whether they know the person is not known here (42 CFR 2.13(a)). Ask the person for the number on the form, or give the person their number; it is told once they know which consent it is."
    } else {
        "Do not say the name: the number on the form is enough (42 CFR 2.13(a))."
    }
}

/// What to say to a party of a consent of ours: that it has ended for them, and nothing of how, or of what else the person signed.
pub(super) fn ended(
    own: &str,
    to: &str,
    at: Time,
    reached: Reached,
    named: Option<&Personal<String>>,
    copies: &[(&'static str, SpaceId)],
) -> Personal<String> {
    let on = system::day(at);
    let who = named.map_or("the person", |name| name.reveal().as_str());
    let first = match reached {
        Reached::Referral(thread) => format!(
            "This is {own}, about our referral {}. The consent under which we told {to} about {who} has ended for {to} on {on}.",
            thread.short()
        ),
        Reached::NotKnown(consent) | Reached::CopyAlone(consent) => {
            format!("This is {own}. The consent with number {} has ended for {to} on {on}.", consent.short())
        }
    };
    let told = match reached {
        Reached::CopyAlone(_) => "",
        Reached::Referral(_) | Reached::NotKnown(_) => {
            " We tell you nothing more under it; please use and pass on what you have only as far as you have relied on it already (42 CFR 2.31(a)(6), 2.32)."
        }
    };
    let lie = copies.iter().map(|(what, space)| format!("{what} (number {})", space.short())).collect::<Vec<_>>();
    let copies = if lie.is_empty() {
        String::new()
    } else {
        format!(
            " Under it we laid sealed copies for emergencies with {to}: {}. Please do not open them any more, and destroy them (42 CFR 2.31(a)(6)).",
            lie.join(", ")
        )
    };
    Personal::new(format!("{first}{told}{copies}"))
}

/// What to say to a party of a consent of ours that stands and lets less be told than before. What it is less by, only to whom it is known
/// to have come.
pub(super) fn less(
    own: &str,
    to: &str,
    at: Time,
    (reached, named): (Reached, Option<&Personal<String>>),
    less: &Less,
) -> Personal<String> {
    let on = system::day(at);
    let who = named.map_or("the person", |name| name.reveal().as_str());
    let thread = match reached {
        Reached::Referral(thread) => thread,
        Reached::NotKnown(consent) | Reached::CopyAlone(consent) => {
            return Personal::new(format!(
                "This is {own}. Since {on} the consent with number {} covers less for {to} than before. Please ask us before you rely on it.",
                consent.short()
            ));
        }
    };
    let kinds = |kinds: &BTreeSet<Information>| {
        let names: Vec<&str> = kinds.iter().map(|kind| spoken(*kind)).collect();
        names.join("; ")
    };
    let mut says = format!(
        "This is {own}, about our referral {}. Since {on} the consent under which we told {to} about {who} covers less than before.",
        thread.short()
    );
    if !less.told.is_empty() {
        says.push_str(&format!(
            " We tell {to} nothing more of this: {}. Please use and pass on what you have of it only as far as you have relied on it already (42 CFR 2.31(a)(6), 2.32).",
            kinds(&less.told)
        ));
    }
    if !less.heard.is_empty() {
        says.push_str(&format!(" Please tell us nothing more of this: {}.", kinds(&less.heard)));
    }
    match &less.ends {
        Some(Expiry::On(end)) => says.push_str(&if end.begins_a_day() {
            format!(" It holds until the end of {}.", end.until_words())
        } else {
            format!(" It ends at {}.", end.until_words())
        }),
        Some(Expiry::Event(event)) => says.push_str(&format!(" It ends when this has come about: {}.", event.reveal())),
        Some(Expiry::Never) | None => {}
    }
    Personal::new(says)
}

/// A kind of information as people say it on the telephone.
const fn spoken(kind: Information) -> &'static str {
    match kind {
        Information::Referral => "the referral, appointments and whether the person came",
        Information::Identity => "who the person is and how to reach the person",
        Information::Medication => "medication",
        Information::Clinical => "diagnosis, assessment and treatment",
        Information::Social => "what the person needs besides treatment",
        Information::Crisis => "the crisis plan",
        Information::Inquiry => "questions about a place",
        Information::Counselling => "counselling notes",
    }
}

/// What our own staff have to know for that call: whether the name is said, and of another consent that the person has signed since and
/// that names them.
pub(super) fn notes((reached, name): (Reached, Name), since: Option<ConsentId>) -> Option<String> {
    let unknown = match reached {
        Reached::NotKnown(_) => Some(
            "Nothing came back from there: whether our referral reached them is not known. Do not say the name, or what it was about; the number on the form is enough (42 CFR 2.13(a)).".to_owned(),
        ),
        Reached::Referral(_) if name == Name::Untold => Some(
            "Do not say the name: that it was told to them is not known here. The number of the referral is enough (42 CFR 2.13(a)).".to_owned(),
        ),
        Reached::Referral(_) if name == Name::Shut => Some(
            "Do not say the name: it was told to them before, and the consent does not let it be told to them any more. The number of the referral is enough (42 CFR 2.13(a)).".to_owned(),
        ),
        Reached::Referral(_) | Reached::CopyAlone(_) => None,
    };
    let since = since.map(|id| {
        format!(
            "Since then the person signed another consent that names them ({}). That is for us to know: do not mention it. What came under the one before has ended all the same.",
            id.short()
        )
    });
    let all: Vec<String> = unknown.into_iter().chain(since).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_copy_that_lies_there_is_named_beside_a_referral_and_without_one_and_no_person_is() {
        let copies = [("the crisis plan", SpaceId([0xaa; 32])), ("the medication", SpaceId([0xbb; 32]))];
        let consent = ConsentId([0xcc; 32]);
        for reached in [Reached::Referral(ThreadId([1; 32])), Reached::NotKnown(consent), Reached::CopyAlone(consent)] {
            let says = ended("Ridge Clinic", "County Hospital", Time(1_795_000_000_000), reached, None, &copies);
            let says = says.reveal();
            assert!(says.contains("the crisis plan (number aaaaaaaa), the medication (number bbbbbbbb)"), "{says}");
            assert!(says.contains("do not open them any more"), "{says}");
            let none = ended("Ridge Clinic", "County Hospital", Time(1_795_000_000_000), reached, None, &[]);
            assert!(!none.reveal().contains("copies"), "{}", none.reveal());
        }
    }
}
