//! Inquiries: who is asked learns of nobody else, who asked learns every answer, and none is forgotten in silence.

mod flood;

use super::office::County;
use super::outside::refer;
use super::{CLINIC, HOSPITAL, SHELTER, county};
use crate::api::FailureClass;
use crate::api::care::*;
use belay_protocol::referral::Urgency;
use belay_protocol::referral::inquiry::{
    AgeBand, Inquiry, Language, Medication, Need, NoReason, Payer, Reply, Wanted, Within,
};
use belay_protocol::time::{DAY, HOUR};

pub(super) fn question() -> Inquiry {
    Inquiry {
        wanted: Wanted::RecoveryHousing,
        age: AgeBand::From35,
        payer: Payer::Medicaid,
        medication: Medication::Buprenorphine,
        needs: [Need::Wheelchair].into(),
        urgency: Urgency::Urgent,
        language: Language::Spanish,
        within: Within::Days3,
    }
}

pub(super) fn inquire(to: &[&str]) -> Care {
    Care::Inquire(Inquire { to: to.iter().map(|name| (*name).to_owned()).collect(), asked: question() })
}

pub(super) fn answer(inquiry: &InquiryView, reply: Reply) -> Care {
    Care::InquiryAnswer { inquiry: inquiry.id.to_string(), reply, from: None }
}

#[test]
fn an_inquiry_reaches_each_partner_alone_and_leaves_no_disclosure() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let made = hospital.done::<InquiriesView>(&inquire(&["Ridge Clinic", "Harbor Shelter"])).inquiries;
    assert_eq!(made.len(), 2);
    county.pump();
    for (office, name) in [(CLINIC, "Harbor"), (SHELTER, "Ridge")] {
        let list: ThreadsView = county.office(office).done(&Care::ReferralList(ListAsk::default()));
        let [one] = list.inquiries.as_slice() else { panic!("{list:?}") };
        assert_eq!((one.asked.clone(), one.other_name.as_str(), one.reply), (question(), "County Hospital", None));
        assert!(list.threads.is_empty());
        assert_eq!(county.office(office).thread_spaces().len(), 1, "one space, its own, not that of {name}");
        assert!(!county.office(office).holds(b"Zephyrine"));
    }
    let clinic = county.office(CLINIC);
    let came = clinic.done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0);
    let said: InquiryView = clinic.done(&answer(&came, Reply::WaitList(Within::Days3)));
    assert_eq!(said.reply, Some(Reply::WaitList(Within::Days3)));
    let before = clinic.records();
    clinic.rebuild();
    assert_eq!(before, clinic.records());
    assert_eq!(clinic.done::<InquiriesView>(&Care::InquiryList).inquiries[0].reply, said.reply);
    county.pump();
    let hospital = county.office(HOSPITAL);
    let known = hospital.done::<InquiriesView>(&Care::InquiryList).inquiries;
    let reply = |name: &str| known.iter().find(|i| i.other_name == name).unwrap().reply;
    assert_eq!((reply("Ridge Clinic"), reply("Harbor Shelter")), (Some(Reply::WaitList(Within::Days3)), None));
    assert!(hospital.told().is_empty(), "an inquiry is no disclosure");
    let looks = hospital.officer::<AuditView>(&Care::Audit { limit: 100 }).looks;
    assert!(looks.iter().any(|l| l.looked == "inquiry" && l.person.is_none()));
    // Who asked does not answer for the other.
    let open = known.iter().find(|i| i.reply.is_none()).unwrap();
    assert_eq!(hospital.refused(&answer(open, Reply::Yes)).0, FailureClass::Misuse);
}

#[test]
fn what_would_go_after_an_urgent_question_is_shown_as_urgent_as_it_goes() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    hospital.done::<InquiriesView>(&inquire(&["Ridge Clinic"]));
    county.pump();
    let came = county.office(CLINIC).done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0);
    county.office(CLINIC).done::<InquiryView>(&answer(&came, Reply::Yes));
    county.pump();
    let hospital = county.office(HOSPITAL);
    let send = Send::new(consent.id.to_string(), "a bed from Friday".into(), Urgency::Routine);
    let inquiry = hospital.done::<InquiriesView>(&Care::InquiryList).inquiries[0].id.to_string();
    for (inquiry, urgency) in [(None, "routine"), (Some(inquiry), "urgent")] {
        let refer = Refer { inquiry, ..Refer::new(false, Send { again: true, ..send.clone() }) };
        let preview: SendPreview = hospital.done(&Care::ReferralReferPreview(refer.clone()));
        let says = preview.goes.iter().flat_map(|goes| &goes.says).find(|(field, _)| field == "urgency");
        assert_eq!(says.map(|(_, text)| text.reveal().as_str()), Some(urgency));
        let sent: ThreadView = hospital.done(&Care::ReferralRefer(refer));
        assert_eq!(sent.row.urgency.map(|urgency| crate::api::word(&urgency)).as_deref(), Some(urgency));
    }
}

#[test]
fn an_inquiry_stands_in_the_work_list_of_whoever_should_act() {
    let mut county = county();
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    county.office(HOSPITAL).done::<InquiriesView>(&inquire(&["Ridge Clinic"]));
    county.pump();
    let due = |county: &mut County, office: usize| {
        let ask = ListAsk { part: Part::Due, ..ListAsk::default() };
        let list = county.office(office).done::<ThreadsView>(&Care::ReferralList(ask)).inquiries;
        list.into_iter().filter_map(|i| i.due).map(|due| (due.what, due.ours, due.overdue)).collect::<Vec<_>>()
    };
    let counts = |county: &mut County, office: usize| {
        let counts = county.office(office).step(crate::usecases::notices::standing).expect("counts").counts();
        (counts.new, counts.due, counts.overdue)
    };
    let answer_it = "answer the inquiry".to_owned();
    assert_eq!(due(&mut county, CLINIC), [(answer_it.clone(), true, false)]);
    assert_eq!((due(&mut county, HOSPITAL), counts(&mut county, HOSPITAL)), (vec![], (0, 0, 0)), "they have time");
    assert_eq!(counts(&mut county, CLINIC), (1, 0, 0));
    county.sleep(3 * HOUR);
    assert_eq!(due(&mut county, CLINIC), [(answer_it, true, true)]);
    assert_eq!((counts(&mut county, CLINIC), counts(&mut county, HOSPITAL)), ((0, 0, 1), (0, 0, 1)));
    assert_eq!(due(&mut county, HOSPITAL), [("they have not answered yet".to_owned(), false, true)]);
    let came = county.office(CLINIC).done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0);
    county.office(CLINIC).done::<InquiryView>(&answer(&came, Reply::Yes));
    county.pump();
    assert_eq!((due(&mut county, CLINIC), counts(&mut county, CLINIC)), (vec![], (0, 0, 0)));
    assert_eq!(due(&mut county, HOSPITAL), [("they answered: refer, or ask another".to_owned(), true, false)]);
    assert_eq!(counts(&mut county, HOSPITAL), (0, 1, 0));
    county.sleep(8 * DAY);
    let yes = "they answered: refer, or ask another".to_owned();
    assert_eq!(due(&mut county, HOSPITAL), [(yes, true, true)], "until somebody does something about it");
    let id = county.office(HOSPITAL).done::<InquiriesView>(&Care::InquiryList).inquiries[0].id.to_string();
    county.office(HOSPITAL).done::<InquiryView>(&Care::InquiryAside { inquiry: id, why: None });
    assert_eq!(due(&mut county, HOSPITAL), []);
}

#[test]
fn an_inquiry_that_came_in_stays_until_it_is_answered_or_laid_aside_with_a_word_and_who_asked_sees_that_nobody_answered()
 {
    let mut county = county();
    county.office(HOSPITAL).done::<InquiriesView>(&inquire(&["Ridge Clinic"]));
    county.pump();
    let due = |county: &mut County, office: usize| {
        let ask = ListAsk { part: Part::Due, ..ListAsk::default() };
        let list = county.office(office).done::<ThreadsView>(&Care::ReferralList(ask)).inquiries;
        list.into_iter().filter_map(|i| i.due).map(|due| (due.what, due.overdue)).collect::<Vec<_>>()
    };
    county.sleep(30 * DAY);
    assert_eq!(due(&mut county, CLINIC), [("answer the inquiry".to_owned(), true)], "silence is no answer");
    let aside = |came: &InquiryView, why: &str| {
        let why = (!why.is_empty()).then(|| why.into());
        Care::InquiryAside { inquiry: came.id.to_string(), why }
    };
    let clinic = county.office(CLINIC);
    let came = clinic.done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0);
    for why in ["", "  "] {
        let (class, said) = clinic.refused(&aside(&came, why));
        assert!(class == FailureClass::Misuse && said.contains("say why"), "{said}");
    }
    let laid: InquiryView = clinic.done(&aside(&came, "asked of us by mistake, said Noor"));
    let word = laid.aside.expect("a word");
    assert_eq!((word.why.reveal().as_str(), word.at), ("asked of us by mistake, said Noor", clinic.now));
    assert!(!word.staff.reveal().is_empty() && laid.reply.is_none());
    let before = clinic.records();
    clinic.rebuild();
    assert_eq!(before, clinic.records());
    county.pump();
    assert_eq!(due(&mut county, CLINIC), []);
    assert_eq!(due(&mut county, HOSPITAL), [("they have not answered yet".to_owned(), true)]);
    assert!(!county.office(HOSPITAL).holds(b"asked of us by mistake"));
    county.office(CLINIC).done::<InquiryView>(&answer(&came, Reply::Yes));
    county.pump();
    assert_eq!(due(&mut county, HOSPITAL), [("they answered: refer, or ask another".to_owned(), false)]);
}

#[test]
fn a_no_stands_in_the_list_of_who_asked_until_it_was_looked_at_and_a_later_answer_comes_back() {
    let mut county = county();
    county.office(HOSPITAL).done::<InquiriesView>(&inquire(&["Ridge Clinic"]));
    county.pump();
    let waits = |county: &mut County| {
        let list = county.office(HOSPITAL).done::<ThreadsView>(&Care::ReferralList(ListAsk::default())).inquiries;
        list.into_iter().filter_map(|inquiry| Some(inquiry.due?.what)).collect::<Vec<_>>()
    };
    county.sleep(8 * DAY);
    assert_eq!(waits(&mut county), ["they have not answered yet"], "silence is no end of it");
    let came = county.office(CLINIC).done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0);
    county.office(CLINIC).done::<InquiryView>(&answer(&came, Reply::No(NoReason::Medication)));
    county.pump();
    assert_eq!(waits(&mut county), ["they said no: ask another"]);
    let aside = Care::InquiryAside { inquiry: came.id.to_string(), why: None };
    assert!(county.office(HOSPITAL).done::<InquiryView>(&aside).due.is_none());
    assert!(waits(&mut county).is_empty());
    county.sleep(HOUR);
    county.office(CLINIC).done::<InquiryView>(&answer(&came, Reply::Phone));
    county.pump();
    assert_eq!(waits(&mut county), ["they answered: refer, or ask another"]);
}

#[test]
fn who_is_late_to_answer_is_phoned_by_the_number_that_was_agreed() {
    use super::agreements::{drafted, fields, signed};
    let mut county = county();
    drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 24));
    signed(&mut county, HOSPITAL, "Ridge Clinic");
    signed(&mut county, CLINIC, "County Hospital");
    county.office(HOSPITAL).done::<InquiriesView>(&inquire(&["Ridge Clinic"]));
    let phone = |county: &mut County| {
        let inquiry = county.office(HOSPITAL).done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0);
        inquiry.due.and_then(|due| due.phone).map(|phone| phone.telephone)
    };
    assert_eq!(phone(&mut county), None, "they have time");
    county.sleep(3 * HOUR);
    assert_eq!(phone(&mut county), Some("555-0101".to_owned()));
}

#[test]
fn a_yes_leads_to_a_referral_with_the_same_partner_and_a_no_does_not() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let made = hospital.done::<InquiriesView>(&inquire(&["Stone Chapel Beds"])).inquiries.remove(0);
    assert!(made.script.as_ref().unwrap().contains("Could you take somebody like this?"));
    assert_eq!(made.telephone, "606-555-0177");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let send = |inquiry: &InquiryView| {
        let mut refer = refer(&consent);
        refer.off_network = false;
        refer.inquiry = Some(inquiry.id.to_string());
        refer.send.urgency = Urgency::Routine;
        Care::ReferralRefer(refer)
    };
    assert!(hospital.refused(&send(&made)).1.contains("has not answered yet"));
    let _: InquiryView = hospital.done(&answer(&made, Reply::No(NoReason::Medication)));
    assert!(hospital.refused(&send(&made)).1.contains("said no: medication"));
    let _: InquiryView = hospital.done(&answer(&made, Reply::Yes));
    let thread: ThreadView = hospital.done(&send(&made));
    assert!(thread.row.off_network && thread.row.urgency == Some(Urgency::Urgent));
    let after = hospital.done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0);
    assert_eq!(after.led_to, [thread.row.id]);
    let other = hospital.consent("Ridge Clinic", None, 90);
    let mut wrong = refer(&other);
    (wrong.off_network, wrong.inquiry) = (false, Some(made.id.to_string()));
    assert_eq!(hospital.refused(&Care::ReferralRefer(wrong)).0, FailureClass::Misuse);
}
