//! Partners that join the network, and partners on it that are bound to us.

use super::outside::refer;
use super::{HOSPITAL, county, plain};
use crate::api::FailureClass;
use crate::api::care::*;
use belay_protocol::space::control::PartnerKind;

const NAME: &str = "Zephyrine Quillfeather";

#[test]
fn a_partner_that_joined_is_named_as_the_member_and_its_referrals_wait_for_a_new_consent() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let clinic =
        PartnerFields { name: "Ridge".to_owned(), kind: Some(PartnerKind::Part2Program), ..PartnerFields::default() };
    let partner: PartnerView = hospital.done(&Care::PartnerAdd(clinic));
    let consent = hospital.consent("Ridge", None, 90);
    let thread: ThreadView = hospital.done(&Care::ReferralRefer(refer(&consent)));
    let joined = |as_org: &str, sure| {
        let (partner, as_org) = ("Ridge".to_owned(), as_org.to_owned());
        Care::PartnerJoined(PartnerJoined { partner, as_org, sure })
    };
    assert!(hospital.refused(&joined("Harbor Shelter", false)).1.contains("are they one?"));
    let view: JoinedView = hospital.done(&joined("Ridge Clinic", false));
    let rows: Vec<_> = view.referrals.iter().map(|row| row.id).collect();
    assert_eq!((view.member.as_str(), rows), ("Ridge Clinic", vec![thread.row.id]));
    assert_eq!(hospital.refused(&joined("Ridge Clinic", false)).0, FailureClass::Misuse, "once");
    // What went before is there as it was; nobody new is named so.
    let shown = hospital.thread(&thread.row.id.to_string());
    assert!(shown.off_network.is_some_and(|known| known.joined.is_some()));
    let draft = |to: &str| {
        let expiry = ExpiryRequest::Event("my treatment here ends".into());
        let (person, purpose) = (NAME.into(), "treatment".to_owned());
        let (to, tell, back) = (vec![to.to_owned()], Vec::new(), None);
        Care::ConsentDraft(ConsentDraft { person, to, tell, back, purpose, expiry, ..ConsentDraft::default() })
    };
    assert!(hospital.refused(&draft("Ridge")).1.contains("on the network now"));
    assert!(hospital.refused(&draft(&partner.id.to_string())).1.contains("on the network now"));
    hospital.done::<ConsentView>(&draft("Ridge Clinic"));
}

#[test]
fn a_partner_of_the_same_name_as_a_member_is_no_riddle_once_it_joined() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let before = PartnerFields { name: "Harbor Shelter East".to_owned(), ..PartnerFields::default() };
    hospital.done::<PartnerView>(&Care::PartnerAdd(before));
    let (partner, as_org) = ("Harbor Shelter East".to_owned(), "Harbor Shelter".to_owned());
    let view: JoinedView = hospital.done(&Care::PartnerJoined(PartnerJoined { partner, as_org, sure: false }));
    assert!(view.referrals.is_empty());
    let all = hospital.done::<PartnersView>(&Care::PartnerList).partners;
    assert!(all.iter().all(|partner| partner.joined.is_some()), "it is kept, and marked");
}

#[test]
fn a_member_that_pays_us_is_counted_with_our_own() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let consent = hospital.consent("Ridge Clinic", None, 90);
    hospital.done::<ThreadView>(&Care::ReferralSend(plain(&consent)));
    let own = |office: &mut super::Office| {
        let report = office.step(crate::usecases::report::everything);
        (report.own, report.others)
    };
    assert_eq!(own(hospital), (Some(0), Some(1)));
    let edit = |edit: PartnerEdit| Care::PartnerEdit(PartnerEdit { partner: "Ridge Clinic".to_owned(), ..edit });
    let name = PartnerEdit { name: Some("Ours".to_owned()), affiliated: Some(true), ..PartnerEdit::default() };
    assert!(hospital.refused(&edit(name)).1.contains("says of itself"));
    for (affiliated, counted) in [(true, (Some(1), Some(0))), (false, (Some(0), Some(1)))] {
        let view: PartnerView =
            hospital.done(&edit(PartnerEdit { affiliated: Some(affiliated), ..PartnerEdit::default() }));
        assert_eq!((view.affiliated, own(hospital)), (affiliated, counted));
    }
}
