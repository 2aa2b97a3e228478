//! Every string of every form: a name, and its text in each language (`en`, `es`), one file a language.
//!
//! `{name}` is a place to fill in. A language that lacks a string does not compile; a test compares the places.

mod en;
mod es;

use belay_protocol::plain::is_obeyed;

pub use en::EN;
pub use es::{ES, element};

macro_rules! table {
    ($($name:ident)*) => {
        /// The strings of one language.
        #[derive(Debug)]
        pub struct Words { $(pub $name: &'static str,)* }

        impl Words {
            /// Each with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

table! {
    // Days, names, what is not there.
    months date unnamed no_address no_phone no_birth_date no_language lang_en lang_es lang_tl lang_ko lang_hy lang_fa none_given and_then
    // Kinds of partner, and what each may do with what it gets (2.33).
    kind_part2_program kind_covered_program kind_covered_entity kind_business_associate kind_non_covered_cbo kind_criminal_justice
    kind_law_enforcement kind_child_welfare kind_health_plan kind_other
    next_hipaa next_program next_justice next_contractor next_none
    // Kinds of information, and purposes.
    information_referral information_identity information_medication information_clinical information_social
    information_crisis information_inquiry information_counselling information_other
    purpose_treatment purpose_payment purpose_operations purpose_tpo purpose_at_request
    purpose_emergency purpose_proceedings purpose_supervision purpose_fundraising
    // Consent.
    consent_title consent_intro consent_choice consent_void consent_void_since consent_expired
    consent_suspended consent_heard_spoken consent_heard_written
    consent_who consent_disclosers consent_disclosers_text consent_information consent_information_text
    consent_recipients consent_recipients_text consent_ways consent_way consent_way_placed consent_placed consent_purposes
    consent_redisclosure consent_redisclosure_text consent_redisclosure_strict consent_redisclosure_notes consent_revoke consent_revoke_text
    consent_expiry consent_expiry_on consent_expiry_at consent_expiry_event consent_expiry_never consent_expiry_missing
    consent_tpo consent_tpo_text consent_tpo_strict consent_sign consent_sign_text
    consent_attestation consent_signed_typed consent_signed_drawn consent_signed_paper consent_signed_scan consent_hand consent_hand_paper consent_hand_file consent_hand_not_here consent_signed_by consent_signed_for consent_signed_on
    consent_not_signed consent_change_waits consent_word_waits consent_missing consent_withdrawn consent_keep consent_number
    class_counselling class_proceedings class_criminal_justice
    consent_revoke_later_text consent_proceeding consent_matter consent_matter_is consent_from_on consent_from_event consent_over_on
    consent_over_event consent_knows consent_team consent_team_text consent_left_out consent_left_out_all consent_left_in consent_left_in_all consent_left_out_line consent_anybody
    consent_anything consent_agreed consent_refused consent_opt_out consent_opt_out_text consent_authorization
    consent_authorization_text consent_beside
    signer_person signer_minor signer_minor_and_parent signer_guardian signer_director signer_representative
    signer_family
    sign_minor sign_parent line_signature line_name line_date line_representative line_capacity line_witness line_phone
    // What the person asks to leave out (2.26): what agreeing to it does, and the answers on paper.
    left_out_title left_out_intro left_out_none left_out_letters left_out_letter_part left_out_ends left_out_part left_out_copy left_out_nothing
    left_out_in left_out_in_line left_out_in_all left_out_in_anybody
    left_out_answers left_out_answers_part left_out_answers_team left_out_answers_team_part left_out_goes_on left_out_goes_on_part left_out_let_in left_out_let_in_cannot
    left_out_later left_out_refused left_out_stays_told left_out_again left_out_again_person left_out_stays left_out_stays_team
    left_out_let_in_refused left_out_let_in_none left_out_let_in_stands
    consent_event_came consent_event_revocable
    // Amendment: what is new.
    amendment_title amendment_intro amendment_intro_for amendment_intro_ended amendment_intro_ended_for amendment_recipients amendment_disclosers amendment_information amendment_ways
    amendment_knows amendment_team amendment_team_text amendment_past amendment_past_text amendment_team_gone amendment_lifted amendment_purposes amendment_expiry amendment_gone amendment_nothing amendment_rest
    // Revocation.
    revocation_title revocation_intro revocation_intro_for revocation_which revocation_all revocation_only revocation_does
    revocation_does_stop revocation_does_later revocation_does_told revocation_does_care revocation_not
    revocation_not_back revocation_not_relied revocation_not_paper revocation_how revocation_how_text
    revocation_written revocation_spoken revocation_for revocation_void_note revocation_void
    // Accounting of disclosures.
    accounting_title accounting_intro accounting_person accounting_days accounting_date accounting_recipient
    accounting_what accounting_purpose accounting_consent accounting_none accounting_number accounting_no_consent
    accounting_where accounting_opened accounting_opened_late
    // What went, in a few words; kinds of information without what they may hold.
    brief_times brief_words brief_notice brief_file brief_copy brief_opened brief_before brief_taken_back brief_ended brief_less brief_asked
    brief_identity brief_answer brief_visit brief_message brief_withdrawn brief_closed brief_handoff brief_need brief_leaving brief_seen
    brief_check_in brief_tried brief_crisis brief_medication brief_summary brief_mistake brief_urgency
    kind_of_referral kind_of_identity kind_of_clinical kind_of_social kind_of_inquiry kind_of_counselling
    accounting_placed accounting_placed_text accounting_over accounting_over_text law_premises law_child_abuse law_research law_audit law_public_health
    law_order law_decided law_ordered accounting_facts accounting_from accounting_help accounting_help_text
    accounting_back accounting_back_but accounting_back_later accounting_back_said
    // Wallet card.
    card_title card_me card_provider card_contact card_medicine card_medicine_none card_dose card_allergies card_visit card_visit_at card_visit_with card_as_of card_hospital
    card_emergency card_old
    // Crisis and recurrence plan.
    plan_title plan_intro plan_signs plan_helps plan_people plan_naloxone plan_naloxone_text
    plan_naloxone_line plan_naloxone_ask plan_medicine plan_medicine_none plan_avoid plan_wishes plan_again plan_again_safe plan_again_call plan_again_alone
    plan_help plan_help_lines plan_empty plan_as_of
    // Kinds of need, where nobody wrote what it is.
    need_transport need_housing need_food need_work need_legal need_childcare need_insurance need_documents need_phone
    need_language need_other
    // Letter to a partner off the network.
    letter_title letter_from letter_to letter_date letter_hello letter_hello_for letter_asks letter_urgent letter_routine letter_service
    letter_person letter_name letter_other_names letter_born letter_phone letter_address letter_contact letter_language
    letter_no_identity letter_reason letter_needs letter_medication letter_medication_none letter_answer letter_answer_text letter_answer_by
    letter_no_answer letter_box_accept letter_box_decline letter_box_appointment letter_box_other
    letter_rules letter_rules_text letter_scope letter_scope_for letter_scope_text letter_scope_text_for letter_scope_ends letter_scope_ends_at letter_scope_ends_event
    letter_scope_ends_never letter_scope_proceeding letter_scope_from letter_scope_from_event letter_scope_signed
    letter_thanks letter_phone_us letter_no_phone_us letter_our_address letter_our_phone letter_reference
    // The sheet before a file to such a partner.
    cover_title cover_text cover_mistake cover_rules cover_rules_text
}

/// A text with its places filled in. What is filled in is never read as a place.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) => {
                out.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
                rest = tail;
            }
            None => rest = after,
        }
    }
    out.push_str(rest);
    out
}

/// Text without characters that a terminal obeys, or that turn its direction.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if is_obeyed(c) { '\u{fffd}' } else { c }).collect()
}
