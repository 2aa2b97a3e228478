//! What a partner writes after it was taken out and before it has heard so: a revocation that it heard takes effect, what else it
//! says does not.

use super::*;

const TOLD_LATE: &str = "had no part in it any more";

fn revoke(consent: &str, party: Option<&str>) -> Care {
    Care::ConsentRevoke { consent: consent.to_owned(), party: party.map(str::to_owned), spoken: true }
}

fn shown(county: &mut County, consent: &ConsentView) -> ConsentView {
    county.office(HOSPITAL).done(&Care::ConsentShow { consent: consent.id.to_string(), whole: false })
}

/// The clinic was taken out by one signature, and did not hear.
fn amended_away(county: &mut County, consent: &ConsentView) {
    let id = consent.id.to_string();
    let remove = vec!["Ridge Clinic".to_owned()];
    let amend = ConsentAmend { consent: id.clone(), remove, ..ConsentAmend::default() };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(amend));
    signed(county.office(HOSPITAL), &id);
}

#[test]
fn a_revocation_heard_by_who_was_taken_out_and_had_not_heard_ends_the_consent() {
    for withdrawn in [true, false] {
        let mut county = county();
        let (consent, clinic, shelter) = both_sent(&mut county);
        if withdrawn {
            let apart = revoke(&consent.id.to_string(), Some("Ridge Clinic"));
            assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&apart).state, "signed");
        } else {
            amended_away(&mut county, &consent);
        }
        county.office(CLINIC).done::<ConsentView>(&revoke(&clinic, None));
        county.pump();
        let after = shown(&mut county, &consent);
        assert_eq!(after.state, "revoked");
        let [heard] = &after.heard[..] else { panic!("once: {:?}", after.heard) };
        assert!(heard.contains("Ridge Clinic") && heard.contains(TOLD_LATE), "{heard}");
        let whole = Care::ConsentShow { consent: consent.id.to_string(), whole: true };
        let form = county.office(HOSPITAL).done::<ConsentView>(&whole).form;
        assert!(form.reveal().contains("nora (Ridge Clinic, which had no part"), "{}", form.reveal());
        assert!(county.office(SHELTER).thread(&shelter).row.ended.is_some());
        // Read again from the entries, it is neither lost nor done twice.
        county.office(HOSPITAL).rebuild();
        county.pump();
        assert_eq!(shown(&mut county, &consent).heard, after.heard);
    }
}

#[test]
fn what_else_they_say_has_no_effect() {
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    amended_away(&mut county, &consent);
    assert_eq!(say(&mut county, CLINIC, &clinic), None);
    let accept = ActRequest::Accept { note: "come at nine".into() };
    let act = Care::ReferralAct { thread: clinic.clone(), act: accept };
    // A referral is accepted for somebody.
    let link = Care::ReferralLink(LinkAsk::new(&clinic));
    county.office(CLINIC).done::<ThreadView>(&link);
    county.office(CLINIC).done::<ThreadView>(&act);
    county.pump();
    let thread = county.office(HOSPITAL).thread(&clinic);
    assert!(!thread.history.iter().any(|line| matches!(line.act.as_str(), "message" | "accept" | "accepted")));
    assert!(!county.office(HOSPITAL).holds(b"come at nine"));
    let after = shown(&mut county, &consent);
    assert_eq!((after.state.as_str(), after.heard.len()), ("signed", 0));
}

#[test]
fn who_may_say_it_late_of_a_third_is_taken_as_speaking_of_itself() {
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    amended_away(&mut county, &consent);
    // Whom it keeps the consent for is all that it can name, besides itself.
    county.office(CLINIC).done::<ConsentView>(&revoke(&clinic, Some("Ridge Clinic")));
    county.pump();
    let after = shown(&mut county, &consent);
    assert_eq!((after.state.as_str(), after.heard.len()), ("signed", 1), "{:?}", after.heard);
    assert_eq!(say(&mut county, HOSPITAL, &shelter), None, "the others go on");
}
